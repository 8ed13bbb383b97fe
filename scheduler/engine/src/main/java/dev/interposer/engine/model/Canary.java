package dev.interposer.engine.model;

import java.util.List;

/**
 * A short run that may be made unasked to qualify a profile.
 *
 * @param args arguments that replace the container's
 * @param maxDeviceSeconds bound on device-seconds of one run
 * @param queueName queue that pays
 * @param metric metric that must agree; empty for none
 * @param tolerancePercent how far it may differ
 */
public record Canary(List<String> args, long maxDeviceSeconds, String queueName, String metric, int tolerancePercent) {
    public Canary {
        args = List.copyOf(args);
    }
}
