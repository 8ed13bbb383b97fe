/** What an agent shall run, derived from the state. Imports the engine and control.command. */
@NullMarked
package dev.interposer.control.agents;

import org.jspecify.annotations.NullMarked;
