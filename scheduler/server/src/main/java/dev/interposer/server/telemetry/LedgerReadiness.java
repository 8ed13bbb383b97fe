package dev.interposer.server.telemetry;

import dev.interposer.server.loop.SchedulerLoop;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when this server leads, or follows a ledger that it can read. */
@Readiness
public class LedgerReadiness implements HealthCheck {
    private final SchedulerLoop loop;

    public LedgerReadiness(SchedulerLoop loop) {
        this.loop = loop;
    }

    @Override
    public HealthCheckResponse call() {
        String failure = loop.failure();
        return HealthCheckResponse.named("ledger")
                .status(loop.caughtUp() && failure == null)
                .withData("epoch", loop.epoch())
                .withData("failure", failure == null ? "" : failure)
                .build();
    }
}
