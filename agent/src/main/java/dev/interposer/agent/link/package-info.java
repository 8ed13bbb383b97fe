/** The stream to the scheduler. Imports the rest of the agent. */
@NullMarked
package dev.interposer.agent.link;

import org.jspecify.annotations.NullMarked;
