package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.LogsRequest;
import dev.interposer.proto.job.v1.LogsResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that is larger than the agent may be, read by somebody who takes his time. */
class LargeLogIT {
    private static final long BYTES = 60L << 20;
    private static final String NODE = """
            nodes:
            - name: lab/one
              capacity: {cpu: 8, memory: 8Gi}
              devices: {count: 1, model: inhouse-a1, vendor: inhouse, memory: 96G}
            """;

    @Test
    void aReaderThatPausesGetsAllOfItAndTheAgentIsTheSame(@TempDir Path folder) throws Exception {
        try (Installation installation = new Installation()) {
            installation.awaitLeader();
            Requests.applySamples(installation);
            Process agent = installation.startAgent(
                    "one", Files.writeString(folder.resolve("nodes.yaml"), NODE), "--log-file-size", "64Mi");
            installation.awaitNodes(1);
            String script = "dd if=/dev/zero bs=1M count=" + (BYTES >> 20) + " 2>/dev/null; sleep 300";
            installation.jobs().submit(Requests.job("talks", "inhouse-a1", 1, "sh", "-c", script));
            awaitRunning(installation);

            Iterator<LogsResponse> log = installation
                    .jobs()
                    .withDeadlineAfter(120, TimeUnit.SECONDS)
                    .logs(LogsRequest.newBuilder()
                            .setJob(Requests.reference("talks"))
                            .setFollow(true)
                            .build());
            long bytes = log.next().getData().size();
            // Long enough for all of the rest to be on its way, if nothing held it back.
            Thread.sleep(4_000);
            while (bytes < BYTES) {
                bytes += log.next().getData().size();
            }

            assertThat(bytes).isEqualTo(BYTES);
            assertThat(agent.isAlive()).isTrue();
        }
    }

    private static void awaitRunning(Installation installation) throws IOException, InterruptedException {
        GetRequest request =
                GetRequest.newBuilder().setJob(Requests.reference("talks")).build();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!installation.jobs().get(request).getPhase().equals("Running")) {
            assertThat(System.nanoTime()).as("60 s until the job runs").isLessThan(deadline);
            Thread.sleep(50);
        }
    }
}
