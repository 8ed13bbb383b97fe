package dev.interposer.server.kubernetes.pods;

import dev.interposer.engine.model.WorkerKey;
import java.util.Locale;

/**
 * Names that follow from the worker alone: who says twice that a pod be made meets the first one.
 *
 * <p>The numbers make them unique, the job's name is for people and is cut so that a name is a label of DNS.
 */
final class PodNames {
    private static final int MOST_LABEL = 63;
    private static final int RADIX = 36;

    private PodNames() {}

    /** Of the pod, and its host. */
    static String pod(String job, WorkerKey key) {
        return named(job, gangNumbers(key) + "-" + key.worker());
    }

    /** Of the Service under which the pods of one attempt find each other. */
    static String service(String job, WorkerKey key) {
        return named(job, gangNumbers(key));
    }

    private static String gangNumbers(WorkerKey key) {
        return "-" + Long.toString(key.jobId(), RADIX) + "-" + key.gang() + "-" + key.attempt();
    }

    private static String named(String job, String numbers) {
        String readable = job.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        // A Service's name begins with a letter.
        String begun = readable.isEmpty() || !Character.isAlphabetic(readable.charAt(0)) ? "j" + readable : readable;
        String cut = begun.substring(0, Math.min(begun.length(), MOST_LABEL - numbers.length()));
        return cut.replaceAll("-+$", "") + numbers;
    }
}
