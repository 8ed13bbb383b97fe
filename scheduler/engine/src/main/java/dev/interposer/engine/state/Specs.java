package dev.interposer.engine.state;

import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.table.IdTable;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Job specs, once for all jobs that share one; dropped with the last job that uses it. */
public final class Specs {
    private final IdTable<Stored> byId = new IdTable<>();
    private final Map<String, Stored> bySha256 = new HashMap<>();
    private @Nullable ToLongFunction<JobSpec> measure;
    private long bytes;

    /** A spec with its place in the ledger. */
    public static final class Stored {
        private final long id;
        private final String sha256;
        private final JobSpec spec;
        private int uses;
        private long bytes;

        private Stored(long id, String sha256, JobSpec spec) {
            this.id = id;
            this.sha256 = sha256;
            this.spec = spec;
        }

        public long id() {
            return id;
        }

        public String sha256() {
            return sha256;
        }

        public JobSpec spec() {
            return spec;
        }

        /** How many jobs have it. */
        public int uses() {
            return uses;
        }
    }

    /** From here on {@link #bytes} is the sum of this measure over what is stored. */
    public void measureBy(ToLongFunction<JobSpec> bytesOf) {
        if (bytesOf.equals(measure)) {
            return;
        }
        measure = bytesOf;
        bytes = 0;
        for (Stored stored : byId.all()) {
            count(stored);
        }
    }

    /** Of all that is stored; 0 until somebody measures. */
    public long bytes() {
        return bytes;
    }

    private void count(Stored stored) {
        if (measure != null) {
            stored.bytes = measure.applyAsLong(stored.spec);
            bytes += stored.bytes;
        }
    }

    /** Id of the spec with that digest, or null. */
    public @Nullable Long find(String sha256) {
        Stored stored = bySha256.get(sha256);
        return stored == null ? null : stored.id;
    }

    public @Nullable Stored stored(long id) {
        return byId.find(id);
    }

    /** In the order of their ids. */
    public Iterable<Stored> all() {
        return byId.all();
    }

    /** Those with a greater id, in the order of their ids. */
    Iterable<Stored> after(long id) {
        return byId.after(id);
    }

    void store(long id, String sha256, JobSpec spec) {
        Stored stored = new Stored(id, sha256, spec);
        if (!byId.add(id, stored)) {
            throw new IllegalStateException("spec id " + id + " is taken");
        }
        bySha256.put(sha256, stored);
        count(stored);
    }

    JobSpec use(long id) {
        Stored stored = require(id);
        stored.uses++;
        return stored.spec;
    }

    void release(long id) {
        Stored stored = require(id);
        stored.uses--;
        if (stored.uses == 0) {
            byId.remove(id);
            bySha256.remove(stored.sha256, stored);
            bytes -= stored.bytes;
        }
    }

    private Stored require(long id) {
        Stored stored = byId.find(id);
        if (stored == null) {
            throw new IllegalStateException("no spec with id " + id);
        }
        return stored;
    }
}
