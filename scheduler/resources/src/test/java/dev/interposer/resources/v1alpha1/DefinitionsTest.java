package dev.interposer.resources.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The definitions that are installed, against the classes. After a change, refresh them as the head of each says. */
class DefinitionsTest {
    private static final Path INSTALLED = Path.of("../../deploy/helm/interposer/files/crds");

    @Test
    void theInstalledDefinitionsAreThoseOfTheClasses() throws IOException {
        Map<String, String> made = Definitions.generate();
        assertThat(made).hasSameSizeAs(Definitions.KINDS);
        if (Boolean.getBoolean("interposer.crds.update")) {
            Files.createDirectories(INSTALLED);
            for (Map.Entry<String, String> file : made.entrySet()) {
                Files.writeString(INSTALLED.resolve(file.getKey()), file.getValue());
            }
        }
        try (Stream<Path> files = Files.list(INSTALLED)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(made.keySet());
        }
        for (Map.Entry<String, String> file : made.entrySet()) {
            assertThat(Files.readString(INSTALLED.resolve(file.getKey())))
                    .as("differs from the classes: ./mvnw -pl scheduler/resources -am test -Dtest=DefinitionsTest"
                            + " -Dinterposer.crds.update=true")
                    .isEqualTo(file.getValue());
        }
    }
}
