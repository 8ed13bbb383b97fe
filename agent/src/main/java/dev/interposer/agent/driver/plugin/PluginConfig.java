package dev.interposer.agent.driver.plugin;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a plugin is reached and how long it is waited for.
 *
 * @param socket unix socket that it serves
 * @param callDeadline for every call but Prepare and Unprepare
 * @param prepareDeadline for those
 * @param pingEvery between two signs of life
 * @param lostAfter without an answer, its devices are said to hang or to be gone
 */
public record PluginConfig(
        Path socket, Duration callDeadline, Duration prepareDeadline, Duration pingEvery, Duration lostAfter) {
    /** The usual waits. */
    public static PluginConfig of(Path socket) {
        return new PluginConfig(
                socket, Duration.ofSeconds(3), Duration.ofSeconds(30), Duration.ofSeconds(5), Duration.ofSeconds(20));
    }
}
