/** Health and metrics. Imports server.loop, .view and .agents. */
@NullMarked
package dev.interposer.server.telemetry;

import org.jspecify.annotations.NullMarked;
