package dev.interposer.ledger.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.interposer.control.command.Command;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.control.core.ControlSettings;
import dev.interposer.control.core.Controller;
import dev.interposer.control.core.Pipeline;
import dev.interposer.control.core.PipelineBounds;
import dev.interposer.control.core.SealedPage;
import dev.interposer.control.core.Ticket;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What one job costs from its submission to its end, in counts that no other load on the machine changes: bytes of the
 * ledger, pages, and bytes that the loop and the writer allocate. The bounds are some 40 % above what was measured.
 */
class HotPathCostTest {
    private static final int NODES = 64;
    private static final int JOBS_A_ROUND = 200;
    private static final int ROUNDS = 60;
    private static final int WARM_UP = 30;
    private static final double MOST_LEDGER_BYTES = 500;
    private static final double MOST_LOOP_BYTES = 14_000;
    private static final double MOST_WRITER_BYTES = 6_000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final State state = new State();
    private final EventCodec events = new EventCodec();
    private final PageCodec pages = new PageCodec(events);
    private final Pipeline pipeline = new Pipeline(
            new Controller(state, Scheduler.following(state), ControlSettings.DEFAULT, new Digests(events)),
            1,
            PipelineBounds.DEFAULT);
    private final JobSpec spec = spec();
    private long nowMicros = 1_000_000;
    private int jobs;
    private long loopBytes;
    private long writerBytes;
    private long ledgerBytes;
    private int written;

    @Test
    void aJobCostsNoMoreThanItDid() {
        offer(new Command.ApplyObjects(
                Actor.SCHEDULER,
                List.of(Supplier.of("maker")),
                List.of(AcceleratorClass.of("chip", "maker")),
                List.of(JobQueue.of("queue")),
                List.of(),
                List.of()));
        IntStream.range(0, NODES).forEach(number -> offer(hello("sim/n" + number)));
        turn();
        for (int round = 0; round < WARM_UP; round++) {
            round();
        }
        jobs = 0;
        loopBytes = 0;
        writerBytes = 0;
        ledgerBytes = 0;
        written = 0;
        for (int round = 0; round < ROUNDS; round++) {
            round();
        }
        assertThat(jobs).isEqualTo(ROUNDS * JOBS_A_ROUND);
        assertThat(written).as("pages: three steps of a life, each in one").isEqualTo(3 * ROUNDS);
        assertThat((double) ledgerBytes / jobs).as("bytes of the ledger").isBetween(100.0, MOST_LEDGER_BYTES);
        assertThat((double) loopBytes / jobs).as("bytes allocated on the loop").isBetween(500.0, MOST_LOOP_BYTES);
        assertThat((double) writerBytes / jobs)
                .as("bytes allocated by the writer")
                .isBetween(50.0, MOST_WRITER_BYTES);
    }

    /** Jobs come and are placed; their workers start; their workers end. */
    private void round() {
        for (int job = 0; job < JOBS_A_ROUND; job++) {
            jobs++;
            UUID request = new UUID((nowMicros << 16) | 0x7000, 0x8000_0000_0000_0000L | job);
            String name = "job-" + nowMicros + "-" + job;
            offer(new Command.SubmitJob(Actor.user("ann", "grpc"), request.toString(), "ns", name, spec));
        }
        turn();
        report(worker -> ReportedWorker.running(worker.key()));
        turn();
        report(worker -> ReportedWorker.ended(worker.key(), EndCause.COMPLETED, 0));
        turn();
    }

    private void report(Function<WorkerState, ReportedWorker> report) {
        List<Command> reports = new ArrayList<>();
        state.nodes()
                .all()
                .forEach(node -> node.workers()
                        .forEach(worker -> reports.add(new Command.ReportWorker(
                                Actor.agent(node.name()), node.name(), report.apply(worker)))));
        assertThat(reports).hasSize(JOBS_A_ROUND);
        reports.forEach(this::offer);
    }

    private void offer(Command command) {
        pipeline.offer(new Ticket(command, outcome -> assertThat(outcome).isNotInstanceOf(Outcome.Rejected.class)));
    }

    private void turn() {
        nowMicros += 1000;
        long before = threads.getCurrentThreadAllocatedBytes();
        SealedPage sealed = pipeline.step(nowMicros);
        loopBytes += threads.getCurrentThreadAllocatedBytes() - before;
        if (sealed == null) {
            throw new AssertionError("no page");
        }
        before = threads.getCurrentThreadAllocatedBytes();
        ledgerBytes += pages.encode(sealed.page()).length;
        writerBytes += threads.getCurrentThreadAllocatedBytes() - before;
        written++;
        pipeline.committed();
    }

    private static Command hello(String node) {
        List<DeviceReport> devices = IntStream.range(0, 8)
                .mapToObj(index -> DeviceReport.of(node + "-" + index, "chip"))
                .toList();
        NodeInfo info = new NodeInfo(node, "boot", "1", Map.of(), Map.of("cpu", 64_000L));
        return new Command.AgentHello(Actor.agent(node), new NodeReport(info, devices), List.of(), 0, 0, 0);
    }

    private static JobSpec spec() {
        Role role = new Role(
                "worker",
                WorkerCount.of(1),
                AcceleratorRequest.of("chip", 1),
                Map.of("cpu", 1000L),
                Container.of("image", "run"));
        Profile profile = new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "");
        return new JobSpec(
                JobKind.TRAINING, "queue", "", "", false, 0, null, List.of(profile), TrainingSpec.DEFAULT, null);
    }
}
