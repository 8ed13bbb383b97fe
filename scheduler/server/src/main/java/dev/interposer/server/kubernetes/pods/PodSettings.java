package dev.interposer.server.kubernetes.pods;

import java.time.Duration;

/**
 * How long is waited for what.
 *
 * @param stuck a pod whose image can't be had, or whose container can't be made, is given up after so long
 * @param keepEnded a pod that ended is kept for so long, for its log
 * @param mostEnded of so many ended pods at most, the latest
 */
record PodSettings(Duration stuck, Duration keepEnded, int mostEnded) {
    static final PodSettings DEFAULT = new PodSettings(Duration.ofMinutes(5), Duration.ofHours(24), 1000);
}
