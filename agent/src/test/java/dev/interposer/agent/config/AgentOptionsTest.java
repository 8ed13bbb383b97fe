package dev.interposer.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentOptionsTest {
    private static final List<String> NEEDED =
            List.of("--server", "a:1", "--token-file", "t", "--state-dir", "s", "--nodes", "n");

    @Test
    void whatIsNotSaidHasItsDefault() throws ConfigException {
        assertThat(parse().workers()).isEqualTo(new WorkerOptions(32L << 20, 4, "", false, "detect", 32_768));
    }

    @Test
    void eachOptionOfWorkersIsTakenIn() throws ConfigException {
        WorkerOptions workers = parse(
                        "--log-file-size",
                        "4Ki",
                        "--log-files",
                        "7",
                        "--worker-user",
                        "ada",
                        "--root-workers",
                        "--cgroup",
                        "/sys/fs/cgroup/ours",
                        "--worker-processes",
                        "50")
                .workers();
        assertThat(workers).isEqualTo(new WorkerOptions(4096, 7, "ada", true, "/sys/fs/cgroup/ours", 50));
    }

    @Test
    void metricsAreServedNowhereUnlessAnAddressIsSaid() throws ConfigException {
        assertThat(parse().metricsListen()).isNull();
        InetSocketAddress listen =
                Objects.requireNonNull(parse("--metrics-listen", "[::1]:9401").metricsListen());
        assertThat(listen.getAddress().isLoopbackAddress()).isTrue();
        assertThat(listen.getPort()).isEqualTo(9401);
    }

    @Test
    void foldersOfEndedWorkersStayForADayOrAsLongAsIsSaid() throws ConfigException {
        assertThat(parse().retention()).isEqualTo(new Retention(86_400_000, 1000));
        assertThat(parse("--keep-workers", "90m", "--keep-worker-folders", "5").retention())
                .isEqualTo(new Retention(5_400_000, 5));
    }

    @ParameterizedTest
    @CsvSource({
        "--metrics-listen, 9401, --metrics-listen (9401) must be HOST:PORT",
        "--metrics-listen, a:70000, --metrics-listen (a:70000) must be HOST:PORT",
        "--metrics-listen, no-such-host.invalid:1, --metrics-listen (no-such-host.invalid:1) names a host",
        "--keep-workers, 0h, --keep-workers (0h) must be",
        "--keep-workers, 30s, --keep-workers (30s) must be",
        "--keep-worker-folders, -1, --keep-worker-folders (-1) must be between 0 and",
        "--log-file-size, 1000, --log-file-size (1000) must be at least 4Ki",
        "--log-files, 1, --log-files (1) must be between 2 and 1000",
        "--worker-processes, x, --worker-processes (x) must be between 16",
        "--worker-usr, ada, unknown option --worker-usr",
    })
    void whatIsWrongIsNamedByOptionAndValue(String option, String value, String message) {
        ConfigException refused = catchThrowableOfType(ConfigException.class, () -> parse(option, value));
        assertThat(refused).isNotNull();
        assertThat(refused.getMessage()).contains(message);
    }

    private static AgentOptions parse(String... more) throws ConfigException {
        List<String> all = new ArrayList<>(NEEDED);
        all.addAll(List.of(more));
        return AgentOptions.parse(all.toArray(String[]::new));
    }
}
