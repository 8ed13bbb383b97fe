package dev.interposer.engine.state;

import dev.interposer.engine.model.JobSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Job specs, once for all jobs that share one; dropped with the last job that uses it. */
public final class Specs {
    private final TreeMap<Long, Stored> byId = new TreeMap<>();
    private final Map<String, Long> bySha256 = new HashMap<>();

    /** A spec with its place in the ledger. */
    public record Stored(long id, String sha256, JobSpec spec, int uses) {}

    /** Id of the spec with that digest, or null. */
    public @Nullable Long find(String sha256) {
        return bySha256.get(sha256);
    }

    public @Nullable Stored stored(long id) {
        return byId.get(id);
    }

    /** In the order of their ids. */
    public Iterable<Stored> all() {
        return byId.values();
    }

    void store(long id, String sha256, JobSpec spec) {
        if (byId.putIfAbsent(id, new Stored(id, sha256, spec, 0)) != null) {
            throw new IllegalStateException("spec id " + id + " is taken");
        }
        bySha256.put(sha256, id);
    }

    JobSpec use(long id) {
        return count(id, 1).spec();
    }

    void release(long id) {
        Stored left = count(id, -1);
        if (left.uses() == 0) {
            byId.remove(id);
            bySha256.remove(left.sha256(), id);
        }
    }

    private Stored count(long id, int by) {
        Stored stored = byId.get(id);
        if (stored == null) {
            throw new IllegalStateException("no spec with id " + id);
        }
        Stored counted = new Stored(id, stored.sha256(), stored.spec(), stored.uses() + by);
        byId.put(id, counted);
        return counted;
    }
}
