package dev.interposer.engine.event;

import dev.interposer.engine.model.Actor;

/**
 * An event in its place.
 *
 * @param revision its number in the ledger
 * @param atMicros time of its page, microseconds since the epoch
 * @param actor who caused it
 * @param event what happened
 */
public record Entry(long revision, long atMicros, Actor actor, Event event) {}
