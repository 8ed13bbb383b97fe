package dev.interposer.agent.health;

import dev.interposer.proto.agent.v1.Health;

/**
 * Health of a device, and why.
 *
 * @param cause for people; empty if it is healthy
 */
public record Verdict(Health health, String cause) {
    public static final Verdict HEALTHY = new Verdict(Health.HEALTH_HEALTHY, "");
}
