package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** {@code fsck} and {@code replay --dump}, {@code --load} on a server that works. */
class InspectionIT {
    /** What a command said, and how it ended. */
    private record Said(int code, String text) {}

    @Test
    void aLiveServerIsSoundAndItsDecisionsComeOutAgain() throws Exception {
        try (Installation installation = new Installation(1)) {
            Load load = Load.begin(installation);
            load.awaitMore(200);
            // Under load: the pages end where the live state was looked at.
            Said sound = run(installation, "fsck");
            assertThat(sound.text()).contains("nothing found", "10 agents");
            assertThat(sound.code()).isZero();

            Path dump = installation.home().resolve("state.dump");
            assertThat(run(installation, "replay", "--dump", dump.toString()).code())
                    .isZero();
            Said again = run(installation, "replay", "--load", dump.toString());
            assertThat(again.text())
                    .contains("all the same; the state at the end is the same")
                    .doesNotStartWith("0 decisions");
            assertThat(again.code()).isZero();
            load.endAndCheck();

            Said database = run(
                    installation,
                    "fsck",
                    "--jdbc-url",
                    OwnPostgres.url(installation.postgres().port()),
                    "--user",
                    "postgres");
            assertThat(database.text()).contains("nothing found");
            checkHistory(installation, load.acknowledged());
            damage(installation);
            Said damaged = run(installation, "fsck", "-o", "json");
            assertThat(damaged.code()).isEqualTo(1);
            assertThat(damaged.text()).contains("CHAIN_BROKEN");
        }
    }

    /** An agent that is stopped, and a worker that is killed behind its back. */
    @Test
    void agentsAreAskedWhatRuns() throws Exception {
        try (Installation installation = new Installation(1, "-Dinterposer.agents.lost-after=60s")) {
            Load load = Load.begin(installation);
            load.awaitMore(100);
            load.endAndCheck();
            assertThat(run(installation, "fsck").text()).contains("10 agents: nothing found");
            ProcessHandle agent = installation.agent(0).toHandle();
            installation.signal("STOP", agent);
            try {
                Said silent = run(installation, "fsck");
                assertThat(silent.text()).contains("AGENT_SILENT");
                assertThat(silent.code()).isEqualTo(1);
            } finally {
                installation.signal("CONT", agent);
            }
        }
    }

    /** Every job is in it some seconds after its end; what is gone from it is found, and made again. */
    private static void checkHistory(Installation installation, int jobs) throws Exception {
        String[] all = {"get", "history", "-A", "-o", "name", "--limit", "100000"};
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (run(installation, all).text().lines().count() < jobs && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(500);
        }
        assertThat(run(installation, all).text().lines().distinct().count()).isEqualTo(jobs);
        assertThat(run(installation, "get", "history", "-A", "--limit", "1").text())
                .contains("NAMESPACE", "ENDED", "Succeeded");
        execute(installation, "DELETE FROM job_history WHERE revision = (SELECT min(revision) FROM job_history)");
        assertThat(run(installation, "fsck").text()).contains("HISTORY_MISSING", "1 findings");
        assertThat(run(installation, "fsck", "--rebuild-history").text()).contains("nothing found");
    }

    /** One bit, in a page in the middle. */
    private static void damage(Installation installation) throws SQLException {
        execute(
                installation,
                "UPDATE page SET frame = set_byte(frame, length(frame) - 2, get_byte(frame, length(frame) - 2) # 1)"
                        + " WHERE first_revision = (SELECT first_revision FROM page ORDER BY first_revision OFFSET 50"
                        + " LIMIT 1)");
    }

    private static void execute(Installation installation, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        OwnPostgres.url(installation.postgres().port()), "postgres", "postgres");
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isEqualTo(1);
        }
    }

    private static Said run(Installation installation, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sh", "./interposer"));
        command.addAll(List.of(words));
        Path out = Files.createTempFile(installation.home(), "out", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Installation.root().toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(out.toFile());
        builder.environment().put("INTERPOSER_HOME", installation.home().toString());
        builder.environment().put("INTERPOSER_NO_BUILD", "1");
        Process process = builder.start();
        assertThat(process.waitFor(90, TimeUnit.SECONDS))
                .as(String.join(" ", words))
                .isTrue();
        return new Said(process.exitValue(), Files.readString(out));
    }
}
