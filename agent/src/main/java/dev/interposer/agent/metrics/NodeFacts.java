package dev.interposer.agent.metrics;

import dev.interposer.proto.agent.v1.EndCause;
import java.util.List;
import java.util.Map;

/**
 * One node at a moment.
 *
 * @param node {@code cluster/node}
 * @param connected a leader has welcomed it, and the stream stands
 * @param heartbeatAgeMillis since it sent a sign of life; {@link #NEVER} if this process has not
 * @param leaderAgeMillis since it heard a leader; {@link #NEVER} if this process has not
 * @param workers by what they do
 * @param ends of workers since the agent began
 * @param journalBytes size of its journal
 * @param drivers whether each answers, by name
 * @param devices all that it has or had
 */
public record NodeFacts(
        String node,
        boolean connected,
        long heartbeatAgeMillis,
        long leaderAgeMillis,
        Map<String, Integer> workers,
        Map<EndCause, Long> ends,
        long journalBytes,
        Map<String, Boolean> drivers,
        List<DeviceFacts> devices) {
    public static final long NEVER = -1;

    public NodeFacts {
        workers = Map.copyOf(workers);
        ends = Map.copyOf(ends);
        drivers = Map.copyOf(drivers);
        devices = List.copyOf(devices);
    }
}
