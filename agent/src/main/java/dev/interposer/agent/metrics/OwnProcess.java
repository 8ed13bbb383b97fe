package dev.interposer.agent.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the agent itself takes; {@link #UNKNOWN} where the system does not say.
 *
 * @param version of the agent
 * @param residentBytes of memory
 * @param processorMillis since the start
 * @param startUnixMillis when it began
 */
record OwnProcess(String version, long residentBytes, long processorMillis, long startUnixMillis) {
    static final long UNKNOWN = -1;

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d{1,15}) kB$");

    static OwnProcess now(String version) {
        ProcessHandle.Info info = ProcessHandle.current().info();
        return new OwnProcess(
                version,
                resident(),
                info.totalCpuDuration().map(Duration::toMillis).orElse(UNKNOWN),
                info.startInstant().map(Instant::toEpochMilli).orElse(UNKNOWN));
    }

    private static long resident() {
        try {
            Matcher line = RESIDENT.matcher(Files.readString(STATUS));
            return line.find() ? Long.parseLong(line.group(1)) * 1024 : UNKNOWN;
        } catch (IOException e) {
            return UNKNOWN;
        }
    }
}
