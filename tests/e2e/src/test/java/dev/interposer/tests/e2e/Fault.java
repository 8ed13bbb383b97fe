package dev.interposer.tests.e2e;

import java.util.Random;

/**
 * One thing that goes wrong for a while.
 *
 * @param target number of the server or agent; says nothing for others
 * @param cut how a network fails, for faults of the network
 * @param holdMillis how long it lasts
 */
record Fault(Kind kind, int target, Proxy.Cut cut, long holdMillis) {
    private static final int MOST_HOLD_MILLIS = 5_000;

    /** What goes wrong. */
    enum Kind {
        KILL_SERVER,
        STOP_SERVER,
        RESTART_SERVER,
        KILL_AGENT,
        STOP_AGENT,
        RESTART_AGENT,
        KILL_DATABASE,
        STOP_DATABASE,
        RESTART_DATABASE,
        CUT_LEADER_FROM_DATABASE,
        CUT_STANDBY_FROM_DATABASE,
        CUT_AGENTS_FROM_SERVER,
        CUT_CLIENTS_FROM_SERVER
    }

    static Fault random(Random random, Kind kind, Installation installation) {
        int targets = switch (kind) {
            case KILL_AGENT, STOP_AGENT, RESTART_AGENT -> installation.agentCount();
            default -> installation.serverCount();
        };
        Proxy.Cut cut = random.nextBoolean() ? Proxy.Cut.SILENT : Proxy.Cut.RESET;
        return new Fault(kind, random.nextInt(targets), cut, random.nextInt(MOST_HOLD_MILLIS));
    }

    @Override
    public String toString() {
        boolean network = kind.name().startsWith("CUT");
        return kind + " " + target + (network ? " " + cut : "") + " for " + holdMillis + " ms";
    }
}
