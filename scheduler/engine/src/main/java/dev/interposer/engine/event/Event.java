package dev.interposer.engine.event;

/**
 * Something that happened. State is the fold of events; applying one never decides anything.
 *
 * <p>A new kind needs a feature level: it is written only when every member can read it.
 */
public sealed interface Event permits FleetEvent, JobEvent, SettingEvent {}
