package dev.interposer.control.core;

import dev.interposer.control.command.Command;

/** A command that was refused because of a programming error, for the shell to be loud about. */
public record CommandFailure(Command command, RuntimeException cause) {}
