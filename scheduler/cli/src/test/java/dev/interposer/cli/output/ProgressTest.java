package dev.interposer.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final long SECOND = 1_000_000_000;

    private final StringWriter err = new StringWriter();
    private long now = 5 * SECOND;

    @Test
    void whatIsDoneInTwoSecondsShowsNothing() {
        try (Progress progress = progress(100)) {
            now += 2 * SECOND - 1;
            progress.at(50);
            progress.tick();
        }
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void aBarSaysHowFarItIsAndIsGoneAtTheEnd() {
        try (Progress progress = progress(8)) {
            now += 3 * SECOND;
            progress.at(2);
            progress.tick();
            assertThat(err.toString()).isEqualTo("\r\033[K" + "█".repeat(10) + "░".repeat(30) + " 25 % reading");
            progress.at(9);
            progress.tick();
            assertThat(err.toString()).endsWith("█".repeat(40) + " 100 % reading");
        }
        assertThat(err.toString()).endsWith("reading\r\033[K");
    }

    @Test
    void whatHasNoKnownEndShowsTheTime() {
        try (Progress progress = progress(0)) {
            now += 12 * SECOND;
            progress.tick();
            assertThat(err.toString()).isEqualTo("\r\033[Kreading … 12 s");
        }
    }

    @Test
    void whatIsPrintedMeanwhileStandsAboveAndTheNextThingBeginsAnew() {
        try (Progress progress = progress(0)) {
            now += 4 * SECOND;
            progress.tick();
            progress.above(() -> err.write("said\n"));
            assertThat(err.toString()).endsWith("reading … 4 s\r\033[Ksaid\n");
            progress.about("writing", 4);
            now += SECOND;
            progress.tick();
            assertThat(err.toString()).endsWith("said\n");
            now += SECOND;
            progress.tick();
            assertThat(err.toString()).endsWith(" 0 % writing");
        }
    }

    private Progress progress(long total) {
        return new Progress(new PrintWriter(err), () -> now, "reading", total);
    }
}
