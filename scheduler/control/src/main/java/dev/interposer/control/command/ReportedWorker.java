package dev.interposer.control.command;

import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.WorkerKey;
import java.util.List;

/**
 * A worker as its agent reports it.
 *
 * @param key the worker
 * @param running whether it runs; else it ended
 * @param cause why it ended; {@link EndCause#UNKNOWN} while it runs
 * @param exitCode of the process; 0 while it runs
 * @param message for people, at most its last {@value #MOST_MESSAGE} bytes
 * @param deviceNames its devices; in a hello only
 * @param profileName of its profile, as it was assigned; in a hello only, else empty
 * @param roleName of its role; likewise
 * @param worldSize number of workers in its gang; likewise, else 0
 */
public record ReportedWorker(
        WorkerKey key,
        boolean running,
        EndCause cause,
        int exitCode,
        String message,
        List<String> deviceNames,
        String profileName,
        String roleName,
        int worldSize) {
    public static final int MOST_MESSAGE = 4096;

    public ReportedWorker {
        message = Utf8.tail(message, MOST_MESSAGE);
        deviceNames = List.copyOf(deviceNames);
    }

    /** The same with no more than the last so many bytes of its message. */
    public ReportedWorker shortened(int mostMessage) {
        String tail = Utf8.tail(message, mostMessage);
        return tail.length() == message.length()
                ? this
                : new ReportedWorker(
                        key, running, cause, exitCode, tail, deviceNames, profileName, roleName, worldSize);
    }

    public static ReportedWorker running(WorkerKey key) {
        return new ReportedWorker(key, true, EndCause.UNKNOWN, 0, "", List.of(), "", "", 0);
    }

    public static ReportedWorker ended(WorkerKey key, EndCause cause, int exitCode) {
        return new ReportedWorker(key, false, cause, exitCode, "", List.of(), "", "", 0);
    }
}
