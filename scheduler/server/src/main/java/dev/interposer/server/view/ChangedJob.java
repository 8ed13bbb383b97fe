package dev.interposer.server.view;

import com.google.protobuf.ByteString;
import dev.interposer.engine.model.JobPhase;
import org.jspecify.annotations.Nullable;

/**
 * A change of a job, as all who watch get it: made and encoded once.
 *
 * @param atMicros microseconds since the epoch
 * @param phase after the change; null for a job that was forgotten
 * @param event a {@code job.v1.WatchEvent}; null when nobody watched for it at the time
 */
public record ChangedJob(
        long revision,
        long atMicros,
        long jobId,
        String namespace,
        String name,
        @Nullable JobPhase phase,
        @Nullable ByteString event) {

    ChangedJob with(ByteString encoded) {
        return new ChangedJob(revision, atMicros, jobId, namespace, name, phase, encoded);
    }
}
