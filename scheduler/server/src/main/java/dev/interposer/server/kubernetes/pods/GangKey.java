package dev.interposer.server.kubernetes.pods;

import dev.interposer.engine.model.WorkerKey;

/** One attempt of a gang. */
record GangKey(long jobId, int gang, int attempt) {
    static GangKey of(WorkerKey key) {
        return new GangKey(key.jobId(), key.gang(), key.attempt());
    }
}
