package dev.interposer.control.core;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.Outcome;
import java.util.function.Consumer;

/** A command and who waits for its outcome. */
public record Ticket(Command command, Consumer<Outcome> reply) {}
