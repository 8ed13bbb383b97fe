/** What is asked of the scheduler and what it answers. Imports engine.model only. */
@NullMarked
package dev.interposer.control.command;

import org.jspecify.annotations.NullMarked;
