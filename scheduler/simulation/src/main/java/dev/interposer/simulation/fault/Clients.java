package dev.interposer.simulation.fault;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.JobSize;
import dev.interposer.control.command.Outcome;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobSpec;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Those who submit, cancel and operate: again and again at whichever server, with the same request id, until somebody
 * says yes.
 */
final class Clients {
    private static final int REPLY_LOST_PERCENT = 10;
    private static final int SENT_TWICE_PERCENT = 10;
    private static final int CANCELLED_PERCENT = 25;
    private static final int MOST_SCALINGS = 4;

    private final VirtualTime time;
    private final List<SimulatedServer> servers;
    private final Promises promises;
    private boolean objectsApplied;

    Clients(VirtualTime time, List<SimulatedServer> servers, Promises promises) {
        this.time = time;
        this.servers = servers;
        this.promises = promises;
    }

    void applyObjects(Command.ApplyObjects objects) {
        ask(objects, outcome -> objectsApplied |= outcome instanceof Outcome.Applied);
        time.after(500, () -> {
            if (!objectsApplied) {
                applyObjects(objects);
            }
        });
    }

    /** @param quietMillis when all faults are over: a service runs until it is cancelled, so it is cancelled then */
    void submit(int number, JobSpec spec, long quietMillis) {
        UUID request = new UUID((time.nowMillis() << 16) | 0x7000, 0x8000_0000_0000_0000L | number);
        Command.SubmitJob submit =
                new Command.SubmitJob(Actor.SCHEDULER, request.toString(), "test", "job-" + number, spec);
        attempt(submit);
        if (spec.kind() == JobKind.INFERENCE) {
            time.after(quietMillis - time.nowMillis(), () -> cancel(submit.name()));
            for (int times = time.random(MOST_SCALINGS); times > 0; times--) {
                int another = MOST_SCALINGS * number + times;
                time.after(time.random(30_000), () -> scale(submit.name(), another, 1 + time.random(5)));
            }
        }
    }

    private void attempt(Command.SubmitJob submit) {
        if (time.chance(SENT_TWICE_PERCENT)) {
            ask(submit, ignored -> {});
        }
        ask(submit, outcome -> {
            if (outcome instanceof Outcome.Accepted accepted) {
                promises.submitted(submit.name(), submit.requestId(), accepted.id());
                if (time.chance(CANCELLED_PERCENT)) {
                    time.after(time.random(20_000), () -> cancel(submit.name()));
                }
            } else if (outcome instanceof Outcome.Rejected rejected
                    && rejected.rejection().code() == ErrorCode.ALREADY_EXISTS) {
                throw new IllegalStateException("a repeated request made another job: " + rejected);
            }
        });
        time.after(500 + time.random(1_000), () -> {
            if (!promises.isSubmitted(submit.name())) {
                attempt(submit);
            }
        });
    }

    /** Until a server says yes or no; the job may not be there yet, or no more. */
    private void scale(String name, int number, int replicas) {
        UUID request = new UUID((time.nowMillis() << 16) | 0x7000, 0x9000_0000_0000_0000L | number);
        attempt(new Command.ScaleJob(
                Actor.SCHEDULER, request.toString(), "test/" + name, 0, new JobSize.Replicas(replicas)));
    }

    private void attempt(Command.ScaleJob scale) {
        AtomicBoolean done = new AtomicBoolean();
        if (time.chance(SENT_TWICE_PERCENT)) {
            ask(scale, ignored -> {});
        }
        ask(scale, outcome -> {
            done.set(answered(outcome));
            if (outcome instanceof Outcome.Accepted) {
                promises.scaled(scale.requestId());
            }
        });
        time.after(1_000, () -> {
            if (!done.get() && !promises.isScaled(scale.requestId())) {
                attempt(scale);
            }
        });
    }

    void cancel(String name) {
        if (promises.isCancelled(name)) {
            return;
        }
        ask(new Command.CancelJob(Actor.SCHEDULER, "test/" + name, 0), outcome -> {
            if (outcome instanceof Outcome.Accepted accepted) {
                promises.cancelled(name, accepted);
            }
        });
        time.after(500 + time.random(1_000), () -> cancel(name));
    }

    /** An operator keeps new work off a node for so long, and has it emptied half the time. */
    void cordon(String node, long millis) {
        boolean drains = time.chance(50);
        int grace = time.random(40) - 1;
        ask(
                drains
                        ? new Command.DrainNode(Actor.SCHEDULER, node, grace < 0 ? null : Long.valueOf(grace))
                        : new Command.CordonNode(Actor.SCHEDULER, node, true),
                ignored -> {});
        time.after(millis, () -> uncordon(node));
    }

    private void uncordon(String node) {
        AtomicBoolean done = new AtomicBoolean();
        ask(new Command.CordonNode(Actor.SCHEDULER, node, false), outcome -> done.set(answered(outcome)));
        time.after(1_000, () -> {
            if (!done.get()) {
                uncordon(node);
            }
        });
    }

    private static boolean answered(Outcome outcome) {
        return !(outcome instanceof Outcome.Rejected rejected)
                || rejected.rejection().code() != ErrorCode.UNAVAILABLE;
    }

    /** Whoever restored the backup says that work may be placed again. */
    void resume(SimulatedServer server) {
        server.submit(new Command.ResumePlacement(Actor.SCHEDULER), ignored -> {});
    }

    /** An operator has looked: the machine is off. Said only to a server that hears it at once. */
    void fence(SimulatedAgent agent) {
        SimulatedServer server = servers.get(time.random(servers.size()));
        if (agent.isDead() && server.leads()) {
            server.submit(new Command.FenceNode(Actor.SCHEDULER, agent.name(), "switched off"), ignored -> {});
        }
    }

    /** Some answers never arrive. */
    private void ask(Command command, Consumer<Outcome> reply) {
        servers.get(time.random(servers.size())).submit(command, outcome -> {
            if (!time.chance(REPLY_LOST_PERCENT)) {
                reply.accept(outcome);
            }
        });
    }
}
