package dev.interposer.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.agent.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent needs of its machine. */
class ProgramsTest {
    @TempDir
    private Path folder;

    @Test
    void aMachineThatLacksAProgramIsRefusedWithItsName() throws IOException {
        for (String program : new String[] {"sh", "cat", "dd", "mv", "rm", "sleep", "wc"}) {
            Path file = Files.writeString(folder.resolve(program), "");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        assertThatThrownBy(() -> new Programs(folder.toString()).require(null))
                .isInstanceOf(ConfigException.class)
                .hasMessage("program (setsid) is in no folder of the agent's PATH (" + folder
                        + "), and workers can't run without it. Maybe install util-linux?");
        assertThatCode(() -> new Programs(folder + ":/usr/bin:/bin").require(null))
                .doesNotThrowAnyException();
    }

    @Test
    void aProgramOfTheFolderThatTheAgentHappensToBeInIsNoneOfTheSystems() throws IOException {
        Programs programs = new Programs(".::bin:/usr/bin:/bin");
        assertThat(programs.path()).isEqualTo("/usr/bin:/bin");
        assertThat(programs.find("sh")).startsWith("/");
        assertThat(new Programs(".").path()).startsWith("/usr/local/sbin:");
    }
}
