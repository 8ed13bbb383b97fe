package dev.interposer.server.config;

/** What is done with a cluster. */
public enum ClusterMode {
    /** It is read, and nothing else: whatever schedules there goes on. */
    OBSERVE,
    /** Its nodes take work of the fleet. */
    MANAGE
}
