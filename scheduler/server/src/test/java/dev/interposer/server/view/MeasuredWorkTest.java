package dev.interposer.server.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.state.JobState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Of which work the throughput says something of its chips. */
class MeasuredWorkTest {
    private final Situation situation =
            new Situation().halves().node("a", "r", 4).node("b", "r", 4);

    @Test
    void trainingOfAFamilyOnWholeChipsIsMeasuredWithAllChipsThatItHas() {
        JobState job = situation.family("sft").gang("team", 2, 3);
        assertThat(of(situation.run(job))).isEqualTo(new MeasuredWork("sft", "chip", 6));
    }

    @Test
    void aWorkerThatHasEndedHasNoChips() {
        JobState job = situation.run(situation.family("sft").gang("team", 2, 3));
        situation.endWorker(job, 1, EndCause.COMPLETED);
        assertThat(of(job)).isEqualTo(new MeasuredWork("sft", "chip", 3));
    }

    @Test
    void sharesPartsReplicasCoresAndWorkOfNoFamilyAreNot() {
        assertThat(of(situation.gang("team", 1, 1))).as("no family").isNull();
        situation.family("sft");
        assertThat(of(situation.gang("team", 1, AcceleratorRequest.share("chip", 500), 0, "")))
                .as("share")
                .isNull();
        AcceleratorRequest half = new AcceleratorRequest("chip", null, 1, AcceleratorRequest.WHOLE, "half");
        assertThat(of(situation.gang("team", 1, half, 0, ""))).as("part").isNull();
        assertThat(of(situation.serve(1, 0, 0))).as("replica").isNull();
        assertThat(of(situation.gang("team", 1, AcceleratorRequest.NONE, 1000, "")))
                .as("cores")
                .isNull();
        assertThat(of(situation.gang("team", 9, 4))).as("not placed").isNull();
    }

    private @Nullable MeasuredWork of(JobState job) {
        return MeasuredWork.of(situation.state, job.gangs().getFirst());
    }
}
