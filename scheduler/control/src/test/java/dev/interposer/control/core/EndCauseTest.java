package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.ReportedWorker;
import dev.interposer.engine.explain.Explainer;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.WorkerState;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What follows from each end of a worker: a row of the table in {@link EndCause} for each. */
class EndCauseTest {
    private final Scene scene = new Scene();

    EndCauseTest() {
        scene.hello("c/n1", 1);
        scene.hello("c/n2", 1);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            EXIT_CODE,     1, true,  true
            OUT_OF_MEMORY, 1, true,  true
            START_FAILED,  1, true,  true
            DEVICE_FAULT,  0, false, true
            NODE_LOST,     0, false, true
            UNKNOWN,       0, true,  true
            RELEASED,      0, false, false
            ADMISSION_REFUSED, 0, false, true
            POD_REJECTED,  0, true,  false
            EVICTED,       0, false, true
            IMAGE_PULL_FAILED, 1, true, true
            """)
    void anEndUsesARetryWaitsAndAvoidsItsNodeAsTheTableSays(
            EndCause cause, int failures, boolean waits, boolean avoids) {
        scene.run("work", Jobs.gang().training());
        scene.startAll(scene.job("work"));
        long node = scene.worker("work", 0).nodeId();
        scene.end(scene.worker("work", 0), cause, 1);

        GangState gang = scene.gang("work");
        assertThat(gang.failures()).isEqualTo(failures);
        assertThat(gang.phase()).isEqualTo(waits ? GangPhase.BACKOFF : GangPhase.ASSIGNED);
        assertThat(gang.avoidedNodes().stream()).isEqualTo(avoids ? List.of(node) : List.of());
        scene.pass(3600);
        assertThat(scene.worker("work", 0).nodeId() == node).isNotEqualTo(avoids);
    }

    @Test
    void oneThatCompletesEndsTheJobWell() {
        scene.run("work", Jobs.gang().training());
        scene.end(scene.worker("work", 0), EndCause.COMPLETED, 0);
        assertThat(scene.job("work").phase()).isEqualTo(JobPhase.SUCCEEDED);
    }

    @Test
    void whatCountsEndsTheJobBeyondItsLimitAndWhatDoesNotNever() {
        scene.run("counted", Jobs.gang().retries(1).training());
        scene.run("free", Jobs.gang().retries(1).training());
        for (int times = 0; times < 3; times++) {
            endIfThere("counted", EndCause.OUT_OF_MEMORY);
            endIfThere("free", EndCause.DEVICE_FAULT);
            scene.pass(3600);
        }
        assertThat(scene.job("counted").phase()).isEqualTo(JobPhase.FAILED);
        assertThat(scene.gang("free").attempt()).isEqualTo(4);
    }

    /** The gang has nowhere else to go, and would be refused as fast as it is placed. */
    @ParameterizedTest
    @EnumSource(names = {"ADMISSION_REFUSED", "EVICTED"})
    void oneThatEndsSoAgainWhereItDidBeforeWaits(EndCause cause) {
        scene.run("work", Jobs.gang().devices(2).training());
        assertThat(scene.gang("work").phase()).isEqualTo(GangPhase.WAITING);
        scene.hello("c/large", 2);
        scene.end(scene.worker("work", 0), cause, 0);
        assertThat(scene.gang("work").phase()).isEqualTo(GangPhase.ASSIGNED);
        scene.end(scene.worker("work", 0), cause, 0);
        assertThat(scene.gang("work").phase()).isEqualTo(GangPhase.BACKOFF);
        assertThat(scene.gang("work").failures()).isZero();
        scene.pass(3600);
        assertThat(scene.gang("work").phase()).isEqualTo(GangPhase.ASSIGNED);
    }

    @Test
    void whatAnApiServerSaidIsWhyItsGangWaits() {
        scene.run("work", Jobs.gang().training());
        WorkerState worker = scene.worker("work", 0);
        String words = "pods \"work-0\" is forbidden: exceeded quota " + "x".repeat(2_000);
        scene.say(
                worker, new ReportedWorker(worker.key(), false, EndCause.POD_REJECTED, 0, words, List.of(), "", "", 0));
        Reason reason = Explainer.backoff(scene.gang("work"));
        assertThat(reason.code()).isEqualTo(ReasonCode.POD_REJECTED);
        assertThat(reason.parameters()).containsKeys("untilMicros").containsEntry("failures", "0");
        assertThat(reason.parameters().get("message"))
                .startsWith("pods \"work-0\" is forbidden")
                .hasSize(512);
    }

    private void endIfThere(String job, EndCause cause) {
        List<WorkerState> workers = List.copyOf(scene.gang(job).workers());
        workers.stream().filter(worker -> !worker.ended()).forEach(worker -> scene.end(worker, cause, 1));
    }
}
