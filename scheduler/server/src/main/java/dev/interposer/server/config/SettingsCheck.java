package dev.interposer.server.config;

import java.time.Duration;

/**
 * Looks at what is set before anything rests on it: a value of the right type may still be one with which a cordon
 * never falls, or a certificate is over before it is given.
 */
public final class SettingsCheck {
    private static final int WHOLE_PERCENT = 100;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LEAP_YEAR = Duration.ofDays(366);

    private SettingsCheck() {}

    public static void check(ServerConfig config) throws SettingsException {
        slices(config.slices());
        bounded("tls.agent-certificate-life", config.tls().agentCertificateLife(), "24h");
    }

    private static void slices(ServerConfig.Slices slices) throws SettingsException {
        if (slices.failedNodes() < 0) {
            throw wrong("slices.failed-nodes", slices.failedNodes(), "be 0, for never, or more. Maybe 3?");
        }
        bounded("slices.window", slices.window(), "1h");
        if (slices.mostPercent() < 0 || slices.mostPercent() > WHOLE_PERCENT) {
            throw wrong("slices.most-percent", slices.mostPercent(), "be between 0 and 100. Maybe 50?");
        }
        if (slices.attributes().stream().anyMatch(String::isBlank)) {
            throw wrong(
                    "slices.attributes",
                    String.join(",", slices.attributes()),
                    "name attributes of devices with commas in between. Maybe driverVersion,firmwareVersion?");
        }
    }

    private static void bounded(String name, Duration said, String maybe) throws SettingsException {
        if (said.compareTo(SECOND) < 0 || said.compareTo(LEAP_YEAR) > 0) {
            throw wrong(name, said, "be between 1s and 366d. Maybe " + maybe + "?");
        }
    }

    private static SettingsException wrong(String name, Object said, String rule) {
        return new SettingsException("interposer." + name + " (" + said + ") must " + rule);
    }
}
