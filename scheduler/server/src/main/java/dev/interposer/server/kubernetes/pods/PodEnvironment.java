package dev.interposer.server.kubernetes.pods;

import dev.interposer.control.agents.Order;
import dev.interposer.engine.model.WorkerKey;
import io.fabric8.kubernetes.api.model.EnvVar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a worker in a pod is told by variables: as one that an agent runs, with two differences. A pod is a node of its
 * own, since it has a host name, a network and devices for itself; and which devices those are is the kubelet's to say.
 */
final class PodEnvironment {
    private static final String OURS = "INTERPOSER_";
    private static final String LOOPBACK = "127.0.0.1";

    private final Order.Assign order;
    private final Map<String, String> values = new LinkedHashMap<>();

    private PodEnvironment(Order.Assign order) {
        this.order = order;
    }

    /** Ours first, so that the job's own may refer to them; of a name that both have, the job's. */
    static List<EnvVar> over(Order.Assign order, List<EnvVar> said) {
        Map<String, String> values = new PodEnvironment(order).values();
        Set<String> theirs = said.stream().map(EnvVar::getName).collect(Collectors.toSet());
        List<EnvVar> all = new ArrayList<>();
        values.forEach((name, value) -> {
            if (name.startsWith(OURS) || !theirs.contains(name)) {
                all.add(new EnvVar(name, value, null));
            }
        });
        said.stream()
                .filter(variable -> !variable.getName().startsWith(OURS) || !values.containsKey(variable.getName()))
                .forEach(all::add);
        return all;
    }

    /** Where the gang meets: worker 0, by the name that the Service gives it. */
    static String meeting(Order.Assign order) {
        return order.worldSize() == 1 ? LOOPBACK : host(order, 0);
    }

    private static String host(Order.Assign order, int worker) {
        WorkerKey key = order.key();
        WorkerKey other = new WorkerKey(key.jobId(), key.gang(), key.attempt(), worker);
        String service = PodNames.service(order.jobName(), key);
        return PodNames.pod(order.jobName(), other) + "." + service + "." + order.namespace() + ".svc";
    }

    private Map<String, String> values() {
        WorkerKey key = order.key();
        String address = meeting(order);
        String port = Integer.toString(order.rendezvous().port());
        both("RANK", key.worker());
        both("WORLD_SIZE", order.worldSize());
        both("LOCAL_RANK", 0);
        both("LOCAL_WORLD_SIZE", 1);
        both("NODE_RANK", key.worker());
        put("GROUP_RANK", key.worker());
        put("GROUP_WORLD_SIZE", order.worldSize());
        put(OURS + "NODE_COUNT", order.worldSize());
        both("MASTER_ADDR", address);
        both("MASTER_PORT", port);
        torchrun(address, port);
        leaderAndWorkers();
        values.put(OURS + "NAMESPACE", order.namespace());
        values.put(OURS + "JOB", order.jobName());
        values.put(OURS + "PROFILE", order.profileName());
        values.put(OURS + "CLASS", order.className());
        values.put(OURS + "ROLE", order.roleName());
        put(OURS + "REPLICA", key.gang());
        put(OURS + "ATTEMPT", key.attempt());
        put(OURS + "SHARE_MILLI", order.shareMilli());
        if (!order.partition().isEmpty()) {
            values.put(OURS + "PARTITION", order.partition());
        }
        return values;
    }

    /** Defaults of the options of torchrun; static, so that ranks stay as the topology gave them. */
    private void torchrun(String address, String port) {
        WorkerKey key = order.key();
        put("PET_NNODES", order.worldSize());
        put("PET_NODE_RANK", key.worker());
        if (!order.deviceNames().isEmpty()) {
            put("PET_NPROC_PER_NODE", order.deviceNames().size());
        }
        values.put("PET_MASTER_ADDR", address);
        values.put("PET_MASTER_PORT", port);
        values.put("PET_RDZV_BACKEND", "static");
        values.put("PET_RDZV_ENDPOINT", address + ":" + port);
        values.put("PET_RDZV_ID", PodNames.service(order.jobName(), key));
    }

    /** Under the names of LeaderWorkerSet, which servers of models in several pods read. */
    private void leaderAndWorkers() {
        values.put("LWS_LEADER_ADDRESS", meeting(order));
        put("LWS_GROUP_SIZE", order.worldSize());
        put("LWS_WORKER_INDEX", order.key().worker());
    }

    private void both(String name, int value) {
        both(name, Integer.toString(value));
    }

    private void both(String name, String value) {
        values.put(name, value);
        values.put(OURS + name, value);
    }

    private void put(String name, int value) {
        values.put(name, Integer.toString(value));
    }
}
