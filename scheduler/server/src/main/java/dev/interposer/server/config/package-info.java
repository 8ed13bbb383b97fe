/** What the server is told. Imports nothing else of ours. */
@NullMarked
package dev.interposer.server.config;

import org.jspecify.annotations.NullMarked;
