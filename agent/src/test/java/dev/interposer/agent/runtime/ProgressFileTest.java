package dev.interposer.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.agent.v1.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What workers write of their progress, the hostile ones too. */
class ProgressFileTest {
    @TempDir
    private Path folder;

    @Test
    void theLastWholeLineCounts() throws Exception {
        assertThat(of("tokens 1\ntokens 20\ntokens 3")).isEqualTo(done("tokens", 20));
        assertThat(of("samples 512\n")).isEqualTo(done("samples", 512));
        assertThat(of("x".repeat(9000) + "\ntokens 7\n")).isEqualTo(done("tokens", 7));
    }

    @Test
    void whatIsNotWrittenYetIsNoWord() throws Exception {
        assertThat(of("")).isEqualTo(Progress.getDefaultInstance());
        assertThat(of("tok")).isEqualTo(Progress.getDefaultInstance());
        assertThat(ProgressFile.read(folder.resolve("missing"))).isEqualTo(Progress.getDefaultInstance());
    }

    @Test
    void stepsAreRefusedWithWords() throws Exception {
        assertThat(of("steps 10\n").getRefusal()).contains("\"steps\"").contains("tokens or samples");
        assertThat(of("tokens NaN\n").getRefusal()).contains("whole number");
        assertThat(of("tokens -3\n").getRefusal()).contains("whole number");
        assertThat(of("tokens 9999999999999999999\n").getRefusal()).contains("beyond");
        assertThat(of("x".repeat(9000)).getRefusal()).contains("longer");
    }

    @Test
    void noLinkIsFollowedAndNoPipeIsWaitedFor() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "tokens 42\n");
        Path link = Files.createSymbolicLink(folder.resolve("link"), secret);
        assertThat(ProgressFile.read(link).getRefusal()).contains("not a link");
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Progress read = Assertions.assertTimeoutPreemptively(Duration.ofSeconds(5), () -> ProgressFile.read(pipe));
        assertThat(read.getUnit()).isEmpty();
        assertThat(ProgressFile.read(folder).getRefusal()).contains("plain file");
    }

    @Test
    void theExamplesWriteWhatIsRead() throws Exception {
        for (Map.Entry<List<String>, Progress> example : Map.of(
                        List.of("sh", "progress.sh"), done("tokens", 12288),
                        List.of("python3", "progress.py"), done("samples", 96))
                .entrySet()) {
            Path file = folder.resolve(example.getKey().getFirst());
            ProcessBuilder run = new ProcessBuilder(example.getKey())
                    .directory(Path.of("../examples/progress").toFile())
                    .inheritIO();
            run.environment().put("INTERPOSER_PROGRESS_FILE", file.toString());
            run.environment().put("STEP_SECONDS", "0");
            assertThat(run.start().waitFor()).isZero();
            assertThat(ProgressFile.read(file)).isEqualTo(example.getValue());
        }
    }

    private Progress of(String text) throws Exception {
        return ProgressFile.read(Files.writeString(folder.resolve("progress"), text));
    }

    private static Progress done(String unit, long done) {
        return Progress.newBuilder().setUnit(unit).setDone(done).build();
    }
}
