package dev.interposer.agent.health;

import dev.interposer.proto.agent.v1.Health;

/**
 * Health of a device, and why.
 *
 * @param cause for people; empty if it is healthy
 */
public record Verdict(Health health, String cause) {
    public static final Verdict HEALTHY = new Verdict(Health.HEALTH_HEALTHY, "");

    /** Whether less may be done with a device of which this holds. */
    public boolean worseThan(Verdict other) {
        return rank(health) > rank(other.health);
    }

    private static int rank(Health health) {
        return switch (health) {
            case HEALTH_HEALTHY, HEALTH_UNSPECIFIED, UNRECOGNIZED -> 0;
            case HEALTH_SUSPECT -> 1;
            case HEALTH_DRAINING -> 2;
            case HEALTH_FAILED -> 3;
        };
    }
}
