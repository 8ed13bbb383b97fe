package dev.interposer.simulation.fault;

import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.ledger.v1.Event;
import dev.interposer.proto.ledger.v1.GangStopping;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A world in which, at a random moment, an old prefix of the ledger takes the place of the ledger while agents and
 * their processes go on. In one of ten it is an hour old: request ids of that time are forgotten, and services are all
 * that it knows of what runs. Once all agents are in touch the operator resumes placement. Nothing whole is stopped
 * because of it, nothing runs twice, what the prefix knows is taken over, and every job that is left ends.
 */
public final class RestoredWorld {
    private static final int JOBS_BEFORE = 30;
    private static final int JOBS_AFTER = 10;
    private static final long LOOK_MILLIS = 1_000;
    private static final long SERVICES_END_MILLIS = 120_000;
    private static final long QUIET_MILLIS = 120_000;
    private static final long PEACE_MILLIS = 1_800_000;
    private static final int ONE_IS_OLD = 10;
    /** Longer than request ids are remembered. */
    private static final long HOUR_MILLIS = 3_700_000;
    /** The operator looks twice. */
    private static final long ALL_THERE_MILLIS = 3_000;

    private final World world;
    private final VirtualTime time;
    private final Workload workload;
    private final boolean leadersDie;
    private final boolean old;
    private final List<SimulatedAgent> agents = new ArrayList<>();
    private Set<WorkerKey> running = Set.of();
    private Set<WorkerKey> leaving = Set.of();
    private LedgerAudit lost = LedgerAudit.of(List.of());
    private long allThereSinceMillis = Long.MAX_VALUE;
    private boolean halted;
    private boolean resumed;

    /**
     * What became of one.
     *
     * @param violations in words
     * @param noticed whether the restore was told from a lost connection
     * @param adopted workers that ran at the restore and that the restored ledger has taken over
     */
    public record Outcome(List<String> violations, boolean noticed, int adopted) {}

    private RestoredWorld(long seed, boolean leadersDie) {
        this.leadersDie = leadersDie;
        this.old = seed % ONE_IS_OLD == 0;
        this.world = new World(seed, Bug.NONE);
        this.time = world.time();
        this.workload = new Workload(time);
    }

    /** @param leadersDie whether those who lead after the restore are killed now and then, before all is known */
    public static Outcome run(long seed, boolean leadersDie) {
        RestoredWorld life = new RestoredWorld(seed, leadersDie);
        World.named(seed, life::live);
        return life.outcome();
    }

    private void live() {
        long begunMillis = time.nowMillis();
        for (int node = 0; node < Workload.NODES; node++) {
            agents.add(new SimulatedAgent(workload.node(node), world.servers(), world));
        }
        world.clients().applyObjects(Workload.objects());
        submit(0, JOBS_BEFORE, 40_000, old ? HOUR_MILLIS + QUIET_MILLIS : QUIET_MILLIS);
        time.runUntil(begunMillis + 10_000 + time.random(40_000));
        int backup = 1 + time.random(world.ledger().frames().size());
        if (old) {
            age(begunMillis + HOUR_MILLIS);
            begunMillis += HOUR_MILLIS;
        }
        restore(backup);
        submit(JOBS_BEFORE, JOBS_AFTER, 20_000, QUIET_MILLIS);
        operate();
        while (time.nowMillis() < begunMillis + PEACE_MILLIS
                && (time.nowMillis() < begunMillis + 180_000
                        || !LedgerAudit.of(world.ledger().frames()).unended().isEmpty())) {
            time.runUntil(time.nowMillis() + 20_000);
        }
        time.runUntil(time.nowMillis() + 20_000);
    }

    /** Jobs come at once and shortly before the end, so that some run then that the backup has never heard of. */
    private void age(long untilMillis) {
        submit(JOBS_BEFORE + JOBS_AFTER, JOBS_AFTER, 40_000, QUIET_MILLIS);
        time.runUntil(untilMillis - 60_000);
        submit(JOBS_BEFORE + 2 * JOBS_AFTER, JOBS_AFTER, 40_000, QUIET_MILLIS);
        time.runUntil(untilMillis);
    }

    private void submit(int first, int count, int overMillis, long quietAfterMillis) {
        long quietMillis = time.nowMillis() + quietAfterMillis;
        for (int job = first; job < first + count; job++) {
            int number = job;
            time.after(time.random(overMillis), () -> world.clients().submit(number, workload.spec(), quietMillis));
        }
    }

    private void restore(int backup) {
        lost = LedgerAudit.of(world.ledger().frames());
        world.ledger().restore(backup);
        world.servers().forEach(SimulatedServer::crash);
        running = new HashSet<>(world.testimony().live());
        leaving = Set.copyOf(world.testimony().askedToEnd());
        world.promises().forgetCancellations();
        time.after(SERVICES_END_MILLIS, this::endServices);
        if (leadersDie) {
            killSoon(1 + time.random(4));
        }
    }

    /** The moments of most interest are those just after it began to lead. */
    private void killSoon(int times) {
        time.after(time.random(120), () -> {
            List<SimulatedServer> leading =
                    world.servers().stream().filter(SimulatedServer::leads).toList();
            leading.forEach(SimulatedServer::crash);
            int left = leading.isEmpty() ? times : times - 1;
            if (left > 0) {
                killSoon(left);
            }
        });
    }

    /** A cancellation that the backup has lost was answered, so nobody asks for it any more. */
    private void endServices() {
        LedgerAudit.of(world.ledger().frames())
                .services()
                .forEach(name -> world.clients().cancel(name.substring(name.indexOf('/') + 1)));
    }

    private void operate() {
        boolean allThere = agents.stream().allMatch(SimulatedAgent::isInTouch);
        allThereSinceMillis = allThere ? Math.min(allThereSinceMillis, time.nowMillis()) : Long.MAX_VALUE;
        for (SimulatedServer server : world.servers()) {
            halted |= server.halted();
            if (server.halted() && allThere && time.nowMillis() - allThereSinceMillis >= ALL_THERE_MILLIS) {
                world.clients().resume(server);
                resumed = true;
            }
        }
        time.after(LOOK_MILLIS, this::operate);
    }

    private Outcome outcome() {
        LedgerAudit audit = LedgerAudit.of(world.ledger().frames());
        List<String> violations = new ArrayList<>(world.testimony().violations());
        world.testimony().overlaps().stream()
                .filter(overlap -> !audit.mayRunTwice(overlap.jobId()) && !lost.mayRunTwice(overlap.jobId()))
                .forEach(overlap -> violations.add(overlap.what()));
        if (halted && !resumed) {
            violations.add("the operator never saw every agent in touch");
        }
        Set<String> stopped = stopped(audit);
        for (WorkerKey key : world.testimony().askedToEnd()) {
            boolean meant = audit.isCancelled(key.getJobId())
                    || stopped.contains(attempt(key))
                    || (leadersDie && lost.fencesItself(key.getJobId()));
            if (running.contains(key) && !leaving.contains(key) && wasWhole(key) && !meant) {
                violations.add("worker " + attempt(key) + "/" + key.getWorker() + " ran and was stopped");
            }
        }
        audit.unended().forEach(name -> violations.add("job " + name + " has not ended when all has been quiet"));
        long adopted = running.stream()
                .filter(key -> audit.bound(attempt(key) + "/" + key.getWorker()))
                .count();
        return new Outcome(violations, halted, (int) adopted);
    }

    /** Attempts of which the restored ledger says itself why they were to end. */
    private static Set<String> stopped(LedgerAudit audit) {
        Set<String> stopped = new HashSet<>();
        for (Event event : audit.events().values()) {
            if (event.hasGangStopping()) {
                GangStopping asked = event.getGangStopping();
                stopped.add(asked.getJobId() + "/" + asked.getGang() + "/" + asked.getAttempt());
            }
        }
        return stopped;
    }

    /** Whether no worker of its gang had ended when the backup was restored. */
    private boolean wasWhole(WorkerKey key) {
        Map<String, Integer> begun = new HashMap<>();
        world.testimony()
                .begun()
                .forEach(one -> begun.merge(one.key().substring(0, one.key().lastIndexOf('/')), 1, Integer::sum));
        long live = running.stream()
                .filter(other -> attempt(other).equals(attempt(key)))
                .count();
        return live == begun.getOrDefault(attempt(key), 0);
    }

    private static String attempt(WorkerKey key) {
        return key.getJobId() + "/" + key.getGang() + "/" + key.getAttempt();
    }
}
