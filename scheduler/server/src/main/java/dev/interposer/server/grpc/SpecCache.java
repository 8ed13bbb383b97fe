package dev.interposer.server.grpc;

import dev.interposer.control.core.Footprints;
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

    /**
     * A spec as the model has it.
     *
     * @param ownBytes about what it takes of the heap; 0 for one that was known, whose bytes others hold
     */
    record Mapped(JobSpec model, long ownBytes) {}

    Mapped map(dev.interposer.proto.job.v1.JobSpec spec) {
        JobSpec found = known.get(spec);
        if (found != null) {
            return new Mapped(found, 0);
        }
        JobSpec made = SpecMapper.model(spec);
        int size = spec.getSerializedSize();
        if (size <= MOST_BYTES) {
            if (known.size() >= MOST_SPECS) {
                known.clear();
            }
            known.put(spec, made);
        }
        // The message lives as long as the call that brought it.
        return new Mapped(made, Footprints.of(made) + size);
    }
}
