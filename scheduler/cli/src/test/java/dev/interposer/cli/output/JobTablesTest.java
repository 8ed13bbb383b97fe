package dev.interposer.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.job.v1.ExplainResponse;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobProgress;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a person reads of a job's progress. */
class JobTablesTest {
    @Test
    void aLoopThatWorksHasAPaceAndOneThatHangsATime() {
        assertThat(progress(counted().setUnitsPerSecond(99.6).setStillSeconds(61)))
                .contains("4000 tokens, 100/s")
                .doesNotContain("still");
        assertThat(progress(counted().setStillSeconds(312))).contains("4000 tokens, still for 5m12s");
        assertThat(progress(counted().setStillSeconds(2)))
                .as("too few counts for a pace")
                .contains("4000 tokens")
                .doesNotContain("still");
    }

    @Test
    void aHangIsExplainedOfAJobThatRuns() {
        JobProgress still = counted().setStillSeconds(312).build();
        assertThat(explained("Running", still))
                .containsExactly("its loop has counted nothing for 5m12s, since 4000 tokens; it may hang");
        assertThat(explained("Waiting", still)).isEmpty();
        assertThat(explained("Running", still.toBuilder().setUnitsPerSecond(3).build()))
                .isEmpty();
    }

    private static JobProgress.Builder counted() {
        return JobProgress.newBuilder().setUnit("tokens").setDone(4000);
    }

    private static String progress(JobProgress.Builder progress) {
        Job job = Job.newBuilder().setProgress(progress).build();
        StringWriter out = new StringWriter();
        try (PrintWriter writer = new PrintWriter(out)) {
            JobTables.table(List.of(job), true).print(writer);
        }
        return out.toString();
    }

    private static List<String> explained(String phase, JobProgress progress) {
        return Explanations.lines(ExplainResponse.newBuilder()
                .setJob(Job.newBuilder().setPhase(phase).setProgress(progress))
                .build());
    }
}
