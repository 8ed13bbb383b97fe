package dev.interposer.tests.e2e;

import java.util.Random;

/**
 * One thing that goes wrong for a while.
 *
 * @param server number of the server, or {@link #LEADER}; says nothing for others
 * @param agent number of the agent; says nothing for others
 * @param cut how a network fails, for faults of the network
 * @param holdMillis how long it lasts
 */
record Fault(Kind kind, int server, int agent, Proxy.Cut cut, long holdMillis) {
    /** Whoever leads when it begins. */
    static final int LEADER = -1;

    private static final int MOST_HOLD_MILLIS = 5_000;

    /** Beyond it a node is lost, a lease of 5 s has run out, and so has the server's margin of 10 s after it. */
    private static final long LOST_MILLIS = 19_000;

    private static final Proxy.Cut[] CUTS = {
        Proxy.Cut.SILENT, Proxy.Cut.SILENT_THERE, Proxy.Cut.SILENT_BACK, Proxy.Cut.RESET
    };

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
        CUT_AGENT_FROM_SERVER,
        CUT_CLIENTS_FROM_SERVER;

        private boolean hitsOneAgent() {
            return name().contains("_AGENT_") || name().endsWith("_AGENT");
        }

        private boolean hitsServer() {
            return name().endsWith("_SERVER");
        }
    }

    /** Half of those that hit a server are aimed at the leader; some last until an agent's nodes are given up. */
    static Fault random(Random random, Kind kind, Installation installation) {
        int server = random.nextBoolean() ? LEADER : random.nextInt(installation.serverCount());
        int agent = random.nextInt(installation.agentCount());
        Proxy.Cut cut = CUTS[random.nextInt(CUTS.length)];
        boolean lasts = kind.hitsOneAgent() && random.nextInt(5) == 0;
        long holdMillis = random.nextInt(MOST_HOLD_MILLIS) + (lasts ? LOST_MILLIS : 0);
        return new Fault(kind, server, agent, cut, holdMillis);
    }

    @Override
    public String toString() {
        String who = kind.hitsOneAgent() ? " agent " + agent : "";
        String where = kind.hitsServer() ? server == LEADER ? " the leader" : " server " + server : "";
        boolean network = kind.name().startsWith("CUT");
        return kind + who + where + (network ? " " + cut : "") + " for " + holdMillis + " ms";
    }
}
