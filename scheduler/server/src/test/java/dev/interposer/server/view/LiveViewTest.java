package dev.interposer.server.view;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interposer.control.port.Page;
import dev.interposer.control.watch.WatchLog;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.proto.job.v1.Gang;
import dev.interposer.proto.job.v1.WatchEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LiveViewTest {
    private static final long SPEC = 1;

    private final LiveView view = new LiveView();
    private final List<WatchEvent> seen = new ArrayList<>();
    private long revision;
    private long cursor;

    @Test
    void aJobThatChangedTwiceInOnePageChangedOnce() throws Exception {
        view.watch(change -> true);
        page(new SettingEvent.IncarnationStarted(3), new JobEvent.SpecStored(SPEC, "digest", spec()));
        page(submitted(11), submitted(12), ended(11));
        watch();
        assertThat(seen).hasSize(2);
        assertThat(seen.get(0).getRevision()).isEqualTo(4);
        assertThat(seen.get(0).getChanged().getName()).isEqualTo("job-12");
        assertThat(seen.get(1).getRevision()).isEqualTo(5);
        assertThat(seen.get(1).getChanged().getName()).isEqualTo("job-11");
        assertThat(seen.get(1).getChanged().getPhase()).isEqualTo("Cancelled");
        assertThat(view.durable()).isEqualTo(new LiveView.Durable(5, 3));
    }

    @Test
    void aChangeOfEachPageIsSeenAndAForgottenJobLast() throws Exception {
        view.watch(change -> true);
        page(new JobEvent.SpecStored(SPEC, "digest", spec()), submitted(11));
        page(ended(11));
        page(new JobEvent.JobForgotten(11));
        watch();
        assertThat(seen).hasSize(3);
        assertThat(seen.get(0).getChanged().getPhase()).isEqualTo("Waiting");
        assertThat(seen.get(1).getChanged().getPhase()).isEqualTo("Cancelled");
        assertThat(seen.get(2).getForgotten().getName()).isEqualTo("job-11");
    }

    @Test
    void aChangeThatNobodyWatchedForCostsNoMessageAndShowsTheJobAsItIsByNow() throws Exception {
        view.watch(change -> change.phase() == JobPhase.RUNNING);
        page(new JobEvent.SpecStored(SPEC, "digest", spec()), submitted(11), submitted(12));
        assertThat(view.changes().read(0, 100, change -> change.event() != null).changes())
                .isEmpty();
        page(ended(11));
        watch();
        assertThat(seen).extracting(WatchEvent::getRevision).containsExactly(2L, 3L, 4L);
        assertThat(seen)
                .extracting(event -> event.getChanged().getPhase())
                .containsExactly("Cancelled", "Waiting", "Cancelled");
        page(new JobEvent.JobForgotten(11));
        seen.clear();
        cursor = 0;
        watch();
        assertThat(seen)
                .extracting(event ->
                        event.getChanged().getName() + event.getForgotten().getName())
                .containsExactly("job-12", "job-11");
        assertThat(seen.getLast().hasForgotten()).isTrue();
    }

    @Test
    void aJobThatWasScaledShowsTheReplicasThatItHas() throws Exception {
        view.watch(change -> true);
        JobSpec two = spec(InferenceSpec.of(2));
        JobSpec three = spec(InferenceSpec.of(3));
        page(new JobEvent.SpecStored(SPEC, "two", two), submitted(11));
        page(
                new JobEvent.SpecStored(SPEC + 1, "three", three),
                new JobEvent.JobScaled(11, SPEC + 1, "", Ids.of(2), Ids.NONE));
        page(new JobEvent.SpecStored(SPEC, "two", two), new JobEvent.JobScaled(11, SPEC, "", Ids.NONE, Ids.of(1)));
        watch();
        assertThat(seen)
                .extracting(event -> event.getChanged().getGangsList().stream()
                        .map(Gang::getIndex)
                        .toList())
                .containsExactly(List.of(0, 1), List.of(0, 1, 2), List.of(0, 2));
        assertThat(seen.getLast().getChanged().getReason().getCode()).isEmpty();
        assertThat(seen.getLast().getChanged().getPhase()).isEqualTo("Waiting");
    }

    private void page(Event... events) {
        List<Entry> entries = new ArrayList<>();
        for (Event event : events) {
            entries.add(new Entry(++revision, 1000 + revision, Actor.SCHEDULER, event));
        }
        view.apply(new Page(entries.getFirst().revision(), 1, entries.getFirst().atMicros(), entries));
    }

    private void watch() throws WatchLog.OutOfRangeException, InvalidProtocolBufferException {
        WatchLog.Batch<ChangedJob> batch = view.changes().read(cursor, 100, change -> true);
        for (ChangedJob change : batch.changes()) {
            ChangedJob encoded = view.encoded(change);
            if (encoded != null && encoded.event() != null) {
                seen.add(WatchEvent.parseFrom(encoded.event()));
            }
        }
        cursor = batch.cursor();
    }

    private static JobEvent submitted(long id) {
        return new JobEvent.JobSubmitted(id, "research", "job-" + id, SPEC, 0, "", "ann");
    }

    private static JobEvent ended(long id) {
        return new JobEvent.JobEnded(id, JobPhase.CANCELLED, Reason.of(ReasonCode.CANCELLED));
    }

    private static JobSpec spec() {
        return spec(JobKind.TRAINING, TrainingSpec.DEFAULT, null);
    }

    private static JobSpec spec(InferenceSpec inference) {
        return spec(JobKind.INFERENCE, null, inference);
    }

    private static JobSpec spec(JobKind kind, @Nullable TrainingSpec training, @Nullable InferenceSpec inference) {
        Role role =
                new Role("worker", WorkerCount.of(1), AcceleratorRequest.NONE, Map.of(), Container.of("image", "true"));
        Profile profile = new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "");
        return new JobSpec(kind, "research", "", "", false, 0, null, List.of(profile), training, inference);
    }
}
