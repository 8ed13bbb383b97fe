package dev.interposer.server.loop;

import dev.interposer.ledger.codec.Digests;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.server.agents.AgentHub;
import dev.interposer.server.grpc.ApplyCall;
import dev.interposer.server.grpc.Forecasts;
import dev.interposer.server.grpc.JobEndpoint;
import dev.interposer.server.grpc.LogCalls;
import dev.interposer.server.grpc.Reads;
import dev.interposer.server.view.LiveView;
import dev.interposer.server.view.SupplyReader;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;

/** What needs a loop that never starts. */
public final class Loops {
    private Loops() {}

    public static ApplyCall applyCall(LiveView view) {
        TestConfig config = new TestConfig(null, "none", Duration.ZERO);
        LedgerAccess access = new LedgerAccess(config, "test");
        SchedulerLoop loop = new SchedulerLoop(config, access, view, new SnapshotWriter(), new SimpleMeterRegistry());
        return new ApplyCall(loop, view, access, new Forecasts(view));
    }

    /** The jobs' service over a view; what needs the loop is never answered. */
    static JobEndpoint jobs(LiveView view) {
        TestConfig config = new TestConfig(null, "none", Duration.ZERO);
        LedgerAccess access = new LedgerAccess(config, "test");
        SchedulerLoop loop = new SchedulerLoop(config, access, view, new SnapshotWriter(), new SimpleMeterRegistry());
        Forecasts forecasts = new Forecasts(view);
        Reads reads = new Reads(loop, view, new SupplyReader(view), forecasts);
        return new JobEndpoint(loop, view, reads, new LogCalls(view, new AgentHub(loop, view, config)), forecasts);
    }

    public static Digests digests() {
        return new Digests(new EventCodec());
    }
}
