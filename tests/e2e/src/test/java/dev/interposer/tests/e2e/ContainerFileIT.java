package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the image of the agent takes from a build is there after one, and what starts in it is among that. */
class ContainerFileIT {
    private static final String INSTALLED = "/opt/interposer/agent/";

    @Test
    void theImageIsMadeOfWhatTheBuildMakes() throws Exception {
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
}
