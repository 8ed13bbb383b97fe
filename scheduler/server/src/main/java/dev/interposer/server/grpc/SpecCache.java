package dev.interposer.server.grpc;

import dev.interposer.engine.model.JobSpec;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Small specs that were mapped before. Users submit the same few again and again, so most jobs share one value, and
 * what follows from a spec alone is found by its identity.
 */
final class SpecCache {
    private static final int MOST_BYTES = 2048;
    private static final int MOST_SPECS = 4096;

    private final Map<dev.interposer.proto.job.v1.JobSpec, JobSpec> known = new ConcurrentHashMap<>();

    JobSpec model(dev.interposer.proto.job.v1.JobSpec spec) {
        JobSpec found = known.get(spec);
        if (found != null) {
            return found;
        }
        JobSpec made = SpecMapper.model(spec);
        if (spec.getSerializedSize() <= MOST_BYTES) {
            if (known.size() >= MOST_SPECS) {
                known.clear();
            }
            known.put(spec, made);
        }
        return made;
    }
}
