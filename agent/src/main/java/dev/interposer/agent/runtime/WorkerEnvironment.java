package dev.interposer.agent.runtime;

import dev.interposer.agent.config.JoinOptions;
import dev.interposer.proto.agent.v1.Rendezvous;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a worker is told by variables: its job, its devices, its place in the gang and where the gang meets.
 *
 * <p>The place stands there twice: under the names that launchers of this field read, and under our own, which nobody
 * else sets.
 */
final class WorkerEnvironment {
    private static final String OURS = "INTERPOSER_";

    /** Of the machine's, not of the agent's: its own settings, and what it was told in secret, are no job's. */
    private static final List<String> INHERITED = List.of("PATH", "LANG", "LANGUAGE", "TZ");

    private static final List<String> WHO = List.of("HOME", "USER", "LOGNAME", "SHELL");

    private WorkerEnvironment() {}

    /**
     * What a worker gets of the agent's environment.
     *
     * @param sameUser whether the worker is the agent's own user
     */
    static Map<String, String> inherited(Map<String, String> agent, boolean sameUser) {
        Map<String, String> inherited = new HashMap<>();
        agent.forEach((name, value) -> {
            if (INHERITED.contains(name) || name.startsWith("LC_") || (sameUser && WHO.contains(name))) {
                inherited.put(name, value);
            }
        });
        return inherited;
    }

    /** Adds to an environment that holds what a worker inherits, and over that what the job gives its container. */
    static void add(Map<String, String> environment, WorkerAssignment assignment) {
        WorkerKey key = assignment.getKey();
        // With what the agent joins is none of the job's.
        environment.remove(JoinOptions.VARIABLE);
        environment.put("INTERPOSER_DEVICES", String.join(",", assignment.getDeviceNamesList()));
        environment.put("INTERPOSER_NAMESPACE", assignment.getNamespace());
        environment.put("INTERPOSER_JOB", assignment.getJobName());
        environment.put("INTERPOSER_PROFILE", assignment.getProfileName());
        environment.put("INTERPOSER_CLASS", assignment.getClassName());
        environment.put("INTERPOSER_ROLE", assignment.getRoleName());
        environment.put("INTERPOSER_REPLICA", Integer.toString(key.getGang()));
        environment.put("INTERPOSER_ATTEMPT", Integer.toString(key.getAttempt()));
        environment.put("INTERPOSER_SHARE_MILLI", Integer.toString(assignment.getShareMilli()));
        if (!assignment.getPartition().isEmpty()) {
            environment.put("INTERPOSER_PARTITION", assignment.getPartition());
            environment.put("INTERPOSER_PARTITION_START", Integer.toString(assignment.getPartitionStart()));
        }
        environment.put("INTERPOSER_LEASE_SECONDS", Long.toString(assignment.getSelfFenceSeconds()));
        both(environment, "RANK", key.getWorker());
        both(environment, "WORLD_SIZE", assignment.getWorldSize());
        if (assignment.hasRendezvous()) {
            Rendezvous rendezvous = assignment.getRendezvous();
            place(environment, rendezvous);
            Map<String, String> said = assignment.getContainer().getEnvMap();
            String address = rendezvous.getAddress();
            meeting(environment, said, "MASTER_ADDR", address);
            meeting(environment, said, "MASTER_PORT", address.isEmpty() ? "" : "" + rendezvous.getPort());
        }
    }

    private static void place(Map<String, String> environment, Rendezvous rendezvous) {
        both(environment, "LOCAL_RANK", rendezvous.getLocalRank());
        both(environment, "LOCAL_WORLD_SIZE", rendezvous.getLocalWorldSize());
        both(environment, "NODE_RANK", rendezvous.getNodeRank());
        environment.put("INTERPOSER_NODE_COUNT", Integer.toString(rendezvous.getNodeCount()));
        environment.put("GROUP_RANK", Integer.toString(rendezvous.getNodeRank()));
        environment.put("GROUP_WORLD_SIZE", Integer.toString(rendezvous.getNodeCount()));
    }

    /** A job may meet elsewhere, by its own say; what the agent itself inherited is none of the job's. */
    private static void meeting(Map<String, String> environment, Map<String, String> said, String name, String value) {
        put(environment, OURS + name, value);
        if (!said.containsKey(name)) {
            put(environment, name, value);
        }
    }

    /** What nobody knows is not there at all: a launcher then says so itself. */
    private static void put(Map<String, String> environment, String name, String value) {
        if (value.isEmpty()) {
            environment.remove(name);
        } else {
            environment.put(name, value);
        }
    }

    private static void both(Map<String, String> environment, String name, int value) {
        environment.put(name, Integer.toString(value));
        environment.put(OURS + name, Integer.toString(value));
    }
}
