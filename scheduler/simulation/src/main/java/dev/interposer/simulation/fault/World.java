package dev.interposer.simulation.fault;

import dev.interposer.ledger.codec.Digests;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.ledger.codec.PageCodec;
import java.util.ArrayList;
import java.util.List;

/**
 * Two servers on one ledger, agents, and clients that submit and cancel, under faults; and the checks afterwards.
 * Everything follows from the seed.
 */
public final class World {
    private static final int JOBS = 40;
    private static final int WATCHERS = 3;
    private static final long FAULTS_MILLIS = 60_000;
    private static final long LOOK_MILLIS = 20_000;
    private static final long PEACE_MILLIS = 1_800_000;

    private final VirtualTime time;
    private final Bug bug;
    private final Testimony testimony = new Testimony();
    private final MemoryLedger ledger;
    private final Promises promises;
    private final Clients clients;
    private final List<SimulatedServer> servers = new ArrayList<>();
    private final List<SimulatedAgent> agents = new ArrayList<>();
    private final List<SimulatedWatcher> watchers = new ArrayList<>();
    private final long begunMillis;

    World(long seed, Bug bug) {
        this.time = new VirtualTime(seed);
        this.bug = bug;
        this.begunMillis = time.nowMillis();
        EventCodec events = new EventCodec();
        PageCodec pages = new PageCodec(events);
        this.ledger = new MemoryLedger(time, pages);
        this.promises = new Promises(ledger);
        this.clients = new Clients(time, servers, promises);
        if (bug == Bug.FORGETS_THE_EPOCH) {
            ledger.forgetToCheckTheEpoch();
        }
        for (String name : List.of("a", "b")) {
            servers.add(new SimulatedServer(name, this, pages, new Digests(events)));
        }
    }

    /** Runs a world to its end; what was violated, in words. */
    public static List<String> run(long seed, Bug bug) {
        World world = new World(seed, bug);
        List<String> violations = new ArrayList<>();
        if (bug == Bug.NONE) {
            named(seed, world::live);
        } else {
            try {
                world.live();
            } catch (RuntimeException e) {
                violations.add("the world could not go on: " + e);
            }
        }
        violations.addAll(world.check());
        return violations;
    }

    /** The ledger that a world leaves, page by page. */
    public static List<byte[]> pages(long seed) {
        World world = new World(seed, Bug.NONE);
        named(seed, world::live);
        return world.ledger.frames();
    }

    /** Whatever ends a world early says of which seed it was. */
    static void named(long seed, Runnable life) {
        try {
            life.run();
        } catch (RuntimeException e) {
            throw new AssertionError("seed " + seed + " ended with " + e, e);
        }
    }

    private void live() {
        Workload workload = new Workload(time);
        for (int node = 0; node < Workload.NODES; node++) {
            agents.add(new SimulatedAgent(workload.node(node), servers, this));
        }
        for (int watcher = 0; watcher < WATCHERS; watcher++) {
            watchers.add(new SimulatedWatcher(time, servers, ledger));
        }
        clients.applyObjects(Workload.objects());
        long quietMillis = begunMillis + 2 * FAULTS_MILLIS;
        for (int job = 0; job < JOBS; job++) {
            int number = job;
            time.after(time.random((int) FAULTS_MILLIS), () -> clients.submit(number, workload.spec(), quietMillis));
        }
        fault();
        time.runUntil(quietMillis);
        // Most worlds are done long before the last back-off of the unluckiest job could be.
        while (time.nowMillis() < begunMillis + PEACE_MILLIS && !isDone()) {
            time.runUntil(time.nowMillis() + LOOK_MILLIS);
        }
        time.runUntil(time.nowMillis() + LOOK_MILLIS);
    }

    private boolean isDone() {
        return promises.jobs() == JOBS
                && LedgerAudit.of(ledger.frames()).unended().isEmpty();
    }

    List<SimulatedServer> servers() {
        return servers;
    }

    Clients clients() {
        return clients;
    }

    VirtualTime time() {
        return time;
    }

    Bug bug() {
        return bug;
    }

    Testimony testimony() {
        return testimony;
    }

    MemoryLedger ledger() {
        return ledger;
    }

    Promises promises() {
        return promises;
    }

    private void fault() {
        if (time.nowMillis() > begunMillis + FAULTS_MILLIS) {
            return;
        }
        SimulatedServer server = servers.get(time.random(servers.size()));
        SimulatedAgent agent = agents.get(time.random(agents.size()));
        switch (time.random(18)) {
            case 0 -> server.crash();
            case 1 -> server.pause(500 + time.random(8_000));
            case 2 -> server.pauseAtNextAppend(500 + time.random(8_000));
            case 3, 4 -> agent.restart(time.random(12_000));
            case 5, 12 -> isolate(agent);
            case 10 -> clients.cordon(agent.name(), 1_000 + time.random(20_000));
            case 11 -> {
                agent.reboot(25_000);
                time.after(6_000 + time.random(15_000), () -> clients.fence(agent));
            }
            case 6 -> server.setClock(time.random(1_200_000) - 600_000);
            case 7 -> ledger.jumpClock(time.random(20_000) - 8_000);
            case 8 -> agent.reboot(time.random(12_000));
            case 15, 16 -> agent.lend(1_000 + time.random(20_000));
            case 17 -> agent.giveAway(1_000 + time.random(20_000));
            case 9 -> agent.sicken(1_000 + time.random(20_000));
            default -> agent.cutLink();
        }
        time.after(300 + time.random(4_000), this::fault);
    }

    /** Half the time the agent dies in between, for as long as a lease and its margin, and finds work that lives. */
    private void isolate(SimulatedAgent agent) {
        if (time.chance(50)) {
            agent.isolate(5_000 + time.random(40_000));
        } else {
            agent.isolate(20_000 + time.random(25_000));
            time.after(time.random(6_000), () -> agent.restart(8_000 + time.random(15_000)));
        }
    }

    private List<String> check() {
        LedgerAudit audit = LedgerAudit.of(ledger.frames());
        List<String> violations = new ArrayList<>(testimony.violations());
        testimony.overlaps().stream()
                .filter(overlap -> !audit.mayRunTwice(overlap.jobId()))
                .forEach(overlap -> violations.add(overlap.what()));
        violations.addAll(audit.violations());
        violations.addAll(promises.check(audit));
        watchers.forEach(watcher -> violations.addAll(watcher.check(audit)));
        testimony.begun().stream()
                .filter(begun -> !audit.assigned(begun))
                .forEach(begun -> violations.add("a worker began that the ledger does not know so: " + begun));
        audit.unended()
                .forEach(name -> violations.add("job " + name + " has not ended when all has been quiet for long"));
        if (promises.jobs() < JOBS) {
            violations.add("only " + promises.jobs() + " of " + JOBS + " jobs were ever acknowledged");
        }
        if (testimony.begun().isEmpty()) {
            violations.add("nothing ran");
        }
        return violations;
    }
}
