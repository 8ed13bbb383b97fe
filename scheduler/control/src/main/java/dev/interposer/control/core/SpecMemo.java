package dev.interposer.control.core;

import dev.interposer.engine.model.JobSpec;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Digests of specs that were found sound, by identity: who submits alike jobs hands over one spec again and again, and
 * checking and digesting it took half of the time of a submission. Only a cache: what it does not know is found anew.
 */
final class SpecMemo {
    private static final int MOST = 4096;

    private final IdentityHashMap<JobSpec, String> sound = new IdentityHashMap<>();
    private long settingsChanges;

    /** What is sound under some settings may not be under others. */
    void follow(long changes) {
        if (changes != settingsChanges) {
            settingsChanges = changes;
            sound.clear();
        }
    }

    /** Null for a spec that is not known to be sound. */
    @Nullable
    String sha256(JobSpec spec) {
        return sound.get(spec);
    }

    void sound(JobSpec spec, String sha256) {
        if (sound.size() >= MOST) {
            sound.clear();
        }
        sound.put(spec, sha256);
    }
}
