package dev.interposer.server.loop;

import dev.interposer.ledger.codec.Digests;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.server.grpc.ApplyCall;
import dev.interposer.server.view.LiveView;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;

/** What needs a loop that never starts. */
public final class Loops {
    private Loops() {}

    public static ApplyCall applyCall(LiveView view) {
        TestConfig config = new TestConfig(null, "none", Duration.ZERO);
        LedgerAccess access = new LedgerAccess(config, "test");
        SchedulerLoop loop = new SchedulerLoop(config, access, view, new SnapshotWriter(), new SimpleMeterRegistry());
        return new ApplyCall(loop, view, access);
    }

    public static Digests digests() {
        return new Digests(new EventCodec());
    }
}
