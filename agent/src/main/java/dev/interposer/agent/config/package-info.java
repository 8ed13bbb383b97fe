/** What an agent is told by its command line and its file. Imports nothing else of ours. */
@NullMarked
package dev.interposer.agent.config;

import org.jspecify.annotations.NullMarked;
