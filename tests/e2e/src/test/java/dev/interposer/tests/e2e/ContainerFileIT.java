package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What images take from a build is there after one, and what starts in them is among that. */
class ContainerFileIT {
    private static final String INSTALLED = "/opt/interposer/agent/";

    @Test
    void theImageOfTheAgentIsMadeOfWhatTheBuildMakes() throws Exception {
        String text = Files.readString(Installation.root().resolve("deploy/container/Dockerfile"))
                .replaceAll("\\\\\\n\\s*", "");
        List<String> installed = new ArrayList<>();
        List<String> started = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (line.startsWith("COPY ")) {
                List<String> words = List.of(line.split(" +", -1));
                assertThat(words.getLast()).startsWith(INSTALLED).endsWith("/");
                for (String source : words.subList(1, words.size() - 1)) {
                    Path path = Installation.root().resolve(source);
                    assertThat(path).as(line).exists();
                    installed.add(words.getLast() + (source.endsWith("/") ? "" : path.getFileName()));
                }
            } else if (line.startsWith("ENTRYPOINT ")) {
                started.add(line.replaceAll(".*\\[\"|\"\\].*", ""));
            }
        }
        assertThat(started).singleElement().isIn(installed);
        assertThat(installed)
                .contains(INSTALLED + "interposer-agent.jar", INSTALLED + "agent.jvmoptions", INSTALLED + "lib/");
    }

    @Test
    void theImageOfTheServerIsMadeOfWhatTheBuildMakesAndBothWaysOfMakingItAreAlike() throws Exception {
        List<String> lines = Files.readAllLines(Installation.root().resolve("deploy/container/scheduler.Dockerfile"));
        List<String> sources = List.of(only(lines, "COPY ").split(" ", -1));
        for (String source : sources.subList(0, sources.size() - 1)) {
            assertThat(Installation.root().resolve(source)).exists();
        }
        String folder = sources.getLast();
        assertThat(sources).contains("scheduler/server/server.jvmoptions", "scheduler/server/target/quarkus-app/");
        List<String> words =
                List.of(only(lines, "ENTRYPOINT ").replaceAll("[\\[\\]\" ]", "").split(",", -1));
        assertThat(words).contains("@" + folder + "server.jvmoptions", folder + "quarkus-run.jar");

        String pom = Files.readString(Installation.root().resolve("scheduler/server/pom.xml"));
        for (String word : words) {
            assertThat(pom).contains("<part>" + word + "</part>");
        }
        String user = only(lines, "USER ");
        assertThat(pom).contains("<user>" + user + "</user>");
        String pod = Files.readString(
                Installation.root().resolve("deploy/helm/interposer/templates/scheduler/statefulset.yaml"));
        assertThat(pod).contains("runAsUser: " + user.replaceAll(":.*", "")).contains(words.get(1), words.getLast());
    }

    private static String only(List<String> lines, String key) {
        List<String> found = lines.stream().filter(line -> line.startsWith(key)).toList();
        assertThat(found).as(key).hasSize(1);
        return found.getFirst().substring(key.length());
    }
}
