package dev.interposer.engine.model;

/**
 * A schedulable device.
 *
 * @param id stable for as long as the device exists
 * @param className its class; empty while it is in quarantine
 * @param quarantineReason why it has no class; empty if it has one
 * @param report what its agent says of it
 */
public record Device(long id, String className, String quarantineReason, DeviceReport report) {}
