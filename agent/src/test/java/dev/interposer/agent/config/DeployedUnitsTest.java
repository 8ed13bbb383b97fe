package dev.interposer.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What is deployed starts an agent that takes its options, and lets its workers live. */
class DeployedUnitsTest {
    private static final Path DEPLOY = Path.of("../deploy");
    private static final String WORKERS = "INTERPOSER_WORKERS_CGROUP";
    private static final Path LAUNCHER = Path.of("interposer-agent");

    @Test
    void theUnitOfSystemdNamesOptionsThatTheAgentTakesAndLeavesWorkersAlone() throws Exception {
        List<String> lines = lines("interposer-agent.service");
        String command = only(lines, "ExecStart=")
                .replace("${INTERPOSER_SERVERS}", "a:7070,b:7070")
                .replace("${" + WORKERS + "}", only(lines, "Environment=" + WORKERS + "="));
        List<String> words = List.of(command.split("\\s+", -1));
        AgentOptions options = AgentOptions.parse(afterLauncher(words));
        assertThat(options.servers()).containsExactly("a:7070", "b:7070");
        assertThat(options.tokenFile()).isNull();
        assertThat(options.join().file()).hasFileName("join-token");
        assertThat(options.stopWorkersOnExit()).isFalse();
        assertThat(options.workers().cgroup()).isEqualTo(WorkerOptions.DETECT);
        assertThat(options.stateFolder()).isEqualTo(Path.of("/var/lib", only(lines, "StateDirectory=")));
        assertThat(only(lines, "CacheDirectory="))
                .as("which the launcher fills")
                .isNotEmpty();
        assertThat(only(lines, "CacheDirectoryMode=")).as("by nobody else").isEqualTo("0700");
        assertThat(only(lines, "KillMode=")).isEqualTo("process");
        assertThat(only(lines, "StartLimitIntervalSec=")).as("tried for ever").isEqualTo("0");
        assertThat(only(lines, "RestartPreventExitStatus="))
                .as("but not with bad options")
                .isEqualTo("2");
        assertThat(only(lines, "Delegate=").split(" ", -1)).contains("cpu", "memory", "pids");
        assertThat(only(lines, "DelegateSubgroup=")).isEqualTo("interposer-agent");
        assertThat(only(lines, "OOMPolicy=")).as("for a worker's end").isEqualTo("continue");
        assertThat(lines)
                .noneMatch(line -> line.matches("(Private|Protect|ReadOnly|Inaccessible|Dynamic|OOMScore)\\w*=.*"));
    }

    @Test
    void systemdThatKnowsNoSubgroupsHasAUnitInWhichWorkersLiveWithoutTheAgent() throws Exception {
        String unit = "interposer-workers.service";
        List<String> workers = lines("before-254/" + unit);
        assertThat(only(workers, "Delegate=").split(" ", -1)).contains("cpu", "memory", "pids");
        assertThat(only(workers, "OOMPolicy=")).isEqualTo("continue");
        assertThat(workers).noneMatch(line -> line.startsWith("KillMode="));
        String group = "/sys/fs/cgroup/system.slice/";
        assertThat(only(workers, "ExecStart="))
                .as("its own process is below the group that workers are below")
                .contains("echo 0 > " + group + "%n/holder/cgroup.procs");

        List<String> change = lines("before-254/interposer-agent.service.d/workers.conf");
        assertThat(only(change, "Environment=" + WORKERS + "=")).isEqualTo(group + unit);
        assertThat(only(change, "BindsTo=")).isEqualTo(unit);
        assertThat(only(change, "After=")).isEqualTo(unit);
    }

    @Test
    void theChartsDaemonSetsNameOptionsThatTheAgentTakesAndMountWhatTheyName() throws Exception {
        List<Map<?, ?>> daemonSets = rendered("DaemonSet");
        assertThat(daemonSets).hasSize(3);
        for (Map<?, ?> daemonSet : daemonSets) {
            startsAnAgent(map(map(map(daemonSet, "spec"), "template"), "spec"));
        }
    }

    @Test
    void theChartsFilesOfNodesAreReadOnceTheNameIsIn(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("nodes.yaml");
        int files = 0;
        for (Map<?, ?> configMap : rendered("ConfigMap")) {
            Object text = map(configMap, "data").get("nodes.yaml");
            if (text != null) {
                files++;
                Files.writeString(file, text.toString().replace("@NODE@", "machines/gpu-1"));
                assertThat(NodesFile.read(file)).singleElement().satisfies(node -> {
                    assertThat(node.name()).isEqualTo("machines/gpu-1");
                    assertThat(node.drivers()).isNotEmpty();
                });
            }
        }
        assertThat(files).isEqualTo(3);
    }

    private static void startsAnAgent(Map<?, ?> pod) throws Exception {
        Map<?, ?> agent = entry(pod, "containers", "agent");
        List<String> words = new ArrayList<>(strings(agent.get("command")));
        words.addAll(strings(agent.get("args")));
        AgentOptions options = AgentOptions.parse(afterLauncher(words));
        assertThat(options.workers().user()).isNotEmpty();
        List<String> mounts = list(agent.get("volumeMounts")).stream()
                .map(mount -> String.valueOf(((Map<?, ?>) mount).get("mountPath")))
                .toList();
        assertThat(List.of(
                        options.stateFolder(),
                        options.nodesFile(),
                        Objects.requireNonNull(options.join().file())))
                .allMatch(path -> mounts.stream().anyMatch(path::startsWith));
        assertThat(mounts).contains("/dev", "/sys");
        for (Object mount : list(agent.get("volumeMounts"))) {
            assertThat(entry(pod, "volumes", String.valueOf(((Map<?, ?>) mount).get("name"))))
                    .isNotNull();
        }
        Map<?, ?> port = entry(agent, "ports", "metrics");
        assertThat(port.get("containerPort"))
                .isEqualTo(Objects.requireNonNull(options.metricsListen()).getPort());
        assertThat(pod.get("hostPID")).isEqualTo(true);
    }

    private static String[] afterLauncher(List<String> words) {
        assertThat(words.getFirst()).isEqualTo("/opt/interposer/agent/" + LAUNCHER.getFileName());
        assertThat(LAUNCHER).isExecutable();
        return words.subList(1, words.size()).toArray(String[]::new);
    }

    /** Lines with those joined that go on, without comments. */
    private static List<String> lines(String file) throws IOException {
        String text = Files.readString(DEPLOY.resolve("systemd").resolve(file));
        return text.replaceAll("\\\\\n\\s*", "")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    private static String only(List<String> lines, String key) {
        List<String> found = lines.stream().filter(line -> line.startsWith(key)).toList();
        assertThat(found).as(key).hasSize(1);
        return found.getFirst().substring(key.length());
    }

    /** What the chart's tests hold the chart against. */
    private static List<Map<?, ?>> rendered(String kind) throws IOException {
        String text = Files.readString(Path.of("../tests/kubernetes/src/test/resources/chart/agents.yaml"));
        List<Map<?, ?>> found = new ArrayList<>();
        for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(text)) {
            if (document instanceof Map<?, ?> map && kind.equals(map.get("kind"))) {
                found.add(map);
            }
        }
        return found;
    }

    private static Map<?, ?> map(Map<?, ?> of, String key) {
        return (Map<?, ?>) Objects.requireNonNull(of.get(key), key);
    }

    private static List<?> list(@Nullable Object value) {
        return (List<?>) Objects.requireNonNull(value);
    }

    private static List<String> strings(@Nullable Object value) {
        return list(value).stream().map(String::valueOf).toList();
    }

    private static Map<?, ?> entry(Map<?, ?> of, String key, String name) {
        for (Object entry : list(of.get(key))) {
            Map<?, ?> map = (Map<?, ?>) entry;
            if (name.equals(map.get("name"))) {
                return map;
            }
        }
        throw new AssertionError(key + " has no " + name);
    }
}
