package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.JobSize;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.FailurePolicy.OnNodeLost;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.SnapshotWalk;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens, in whatever order: what must never be, never is. The seed is in the name of the test. */
class RandomLifeTest {
    private static final int STEPS = 1500;
    private static final String[] NODES = {"c/n1", "c/n2", "c/n3", "d/n4"};

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void invariantsHold(long seed) {
        Random random = new Random(seed);
        Scene scene = new Scene();
        Map<WorkerKey, Integer> begun = new HashMap<>();
        int checked = 0;
        for (int step = 0; step < STEPS; step++) {
            act(scene, random, step);
            checkBookings(scene);
            checkGangs(scene);
            for (Entry entry : scene.ledger.subList(checked, scene.ledger.size())) {
                if (entry.event() instanceof JobEvent.GangAssigned assigned) {
                    WorkerKey first = new WorkerKey(assigned.jobId(), assigned.gang(), assigned.attempt(), 0);
                    assertThat(begun.merge(first, 1, Integer::sum))
                            .as("%s begun", first)
                            .isEqualTo(1);
                }
            }
            checked = scene.ledger.size();
            if (step % 100 == 99) {
                checkFolds(scene);
            }
            if (random.nextInt(150) == 0) {
                scene.restart();
                scene.settle();
            }
        }
        assertThat(begun).as("the run did something").hasSizeGreaterThan(50);
        // Long enough for ended jobs to be forgotten.
        scene.pass(100_000);
        assertThat(scene.ledger).anyMatch(entry -> entry.event() instanceof JobEvent.JobForgotten);
        checkWalks(scene, seed);
    }

    private static void act(Scene scene, Random random, int step) {
        String node = NODES[random.nextInt(NODES.length)];
        switch (random.nextInt(20)) {
            case 0, 1, 2 -> scene.submit("job-" + step, spec(random));
            case 3 -> {
                JobState job = any(random, List.copyOf(scene.state().jobs().all()));
                if (job != null) {
                    scene.cancel(job.name());
                }
            }
            case 4, 5 -> hello(scene, random, node);
            case 6 -> scene.silent(node);
            case 7 -> scene.send(new Command.FenceNode(Scene.USER, node, "test"));
            case 8 -> scene.pass(random.nextInt(400));
            case 9 -> {
                Health health = List.of(Health.values()).get(random.nextInt(3));
                scene.send(new Command.ChangeDeviceHealth(
                        Actor.agent(node), node, "d" + random.nextInt(4), health, "test"));
            }
            case 10 -> {
                int devices = 2 + random.nextInt(3);
                if (scene.state().nodes().find(node) != null) {
                    scene.send(new Command.ReportInventory(
                            Actor.agent(node), others(random, Scene.report(node, "boot", "a1", devices))));
                }
            }
            case 11 -> {
                boolean both = random.nextInt(4) == 0;
                scene.send(new Command.ApplyObjects(
                        Scene.USER,
                        List.of(),
                        List.of(AcceleratorClass.of("a1", "acme"), both ? twin() : AcceleratorClass.of("a2", "acme")),
                        List.of()));
            }
            case 12 -> scene.send(new Command.CordonNode(Scene.USER, node, random.nextInt(3) == 0));
            case 13 -> scene.send(new Command.RemoveNode(Scene.USER, node));
            case 14 -> releaseHolds(scene, node);
            case 15 -> {
                JobState job = any(random, List.copyOf(scene.state().jobs().all()));
                if (job != null) {
                    scale(scene, random, job);
                }
            }
            default -> progress(scene, random);
        }
    }

    /** At times somebody else uses a device, or owns the node. */
    private static NodeReport others(Random random, NodeReport report) {
        return new NodeReport(
                report.info().observedOnly(random.nextInt(4) == 0),
                report.devices().stream()
                        .map(device -> device.usedBy(random.nextInt(4) == 0 ? "batch/other" : ""))
                        .toList());
    }

    private static void scale(Scene scene, Random random, JobState job) {
        int least = 1 + random.nextInt(3);
        scene.scale(
                job.name(),
                job.spec().inference() == null
                        ? new JobSize.Workers("", "worker", least, least + random.nextInt(3))
                        : new JobSize.Replicas(1 + random.nextInt(5)));
    }

    /** A class a2 that matches what class a1 matches. */
    private static AcceleratorClass twin() {
        AcceleratorClass like = AcceleratorClass.of("a1", "acme");
        return new AcceleratorClass(
                "a2",
                "acme",
                "",
                like.match(),
                0,
                List.of(),
                List.of(),
                like.ladder(),
                "",
                List.of(),
                "",
                like.costFrom());
    }

    private static JobSpec spec(Random random) {
        OnNodeLost policy = List.of(OnNodeLost.values()).get(random.nextInt(3));
        Jobs jobs = Jobs.gang()
                .workers(1 + random.nextInt(4))
                .devices(1 + random.nextInt(2))
                .deadline(random.nextInt(4) == 0 ? 500 : 0)
                .onNodeLost(policy, 60);
        if (random.nextInt(4) == 0) {
            jobs.elastic(1 + random.nextInt(2), 3);
        }
        return random.nextInt(4) == 0 ? jobs.inference(1 + random.nextInt(3)) : jobs.training();
    }

    /** The node says hello; of what is bound to it, it forgot some, and of what ended, some still runs. */
    private static void hello(Scene scene, Random random, String name) {
        NodeState node = scene.state().nodes().find(name);
        List<ReportedWorker> workers = new ArrayList<>();
        if (node != null) {
            for (WorkerState worker : node.workers()) {
                if (random.nextInt(5) > 0) {
                    workers.add(reported(node, worker));
                }
            }
        }
        for (JobState job : scene.state().jobs().all()) {
            GangState gang = job.gangs().getFirst();
            if (node != null && gang.attempt() > 1 && random.nextInt(6) == 0) {
                WorkerKey old = new WorkerKey(job.id(), 0, gang.attempt() - 1, 0);
                workers.add(new ReportedWorker(
                        old, true, EndCause.UNKNOWN, 0, "", List.of("d" + random.nextInt(4)), "", "", 0));
            }
        }
        scene.hello(name, 4, workers.toArray(ReportedWorker[]::new));
    }

    private static ReportedWorker reported(NodeState node, WorkerState worker) {
        List<String> names = new ArrayList<>();
        for (long id : worker.placement().devices().stream().toArray()) {
            var device = node.device(id);
            if (device != null) {
                names.add(device.report().name());
            }
        }
        return new ReportedWorker(worker.key(), true, EndCause.UNKNOWN, 0, "", names, "", "", 0);
    }

    private static void releaseHolds(Scene scene, String name) {
        NodeState node = scene.state().nodes().find(name);
        if (node != null) {
            List.copyOf(node.holds())
                    .forEach(hold -> scene.send(new Command.ReportWorker(
                            Actor.agent(name), name, ReportedWorker.ended(hold.key(), EndCause.RELEASED, 0))));
        }
    }

    /** A worker somewhere starts or ends. */
    private static void progress(Scene scene, Random random) {
        NodeState node = any(random, List.copyOf(scene.state().nodes().all()));
        WorkerState worker = node == null ? null : any(random, node.workers());
        if (worker == null) {
            return;
        }
        if (random.nextInt(2) == 0) {
            scene.say(worker, ReportedWorker.running(worker.key()));
        } else {
            EndCause cause = random.nextInt(3) == 0
                    ? List.of(EndCause.values()).get(random.nextInt(EndCause.values().length))
                    : EndCause.COMPLETED;
            scene.end(worker, cause, cause == EndCause.COMPLETED ? 0 : 1);
        }
    }

    private static <T> @Nullable T any(Random random, List<T> all) {
        return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
    }

    // ---- what must hold

    /** No device is given twice, and none that a hold has is given. */
    private static void checkBookings(Scene scene) {
        for (NodeState node : scene.state().nodes().all()) {
            Set<Long> taken = new HashSet<>();
            for (WorkerState worker : node.workers()) {
                assertThat(worker.ended()).isFalse();
                worker.placement().devices().stream().forEach(id -> {
                    assertThat(taken.add(id))
                            .as("device %d of %s given once", id, node.name())
                            .isTrue();
                    assertThat(node.device(id))
                            .as("device %d of %s is known", id, node.name())
                            .isNotNull();
                });
            }
        }
    }

    private static void checkGangs(Scene scene) {
        for (JobState job : scene.state().jobs().all()) {
            boolean allEnded = true;
            for (GangState gang : job.gangs()) {
                long live = gang.workers().stream()
                        .filter(worker -> !worker.ended())
                        .count();
                assertThat(live).isEqualTo(gang.liveWorkers());
                assertThat(gang.phase().holdsDevices())
                        .as("gang %d of %s in %s with %d live", gang.index(), job.name(), gang.phase(), live)
                        .isEqualTo(live > 0);
                if (gang.phase().holdsDevices()) {
                    long clusters = gang.workers().stream()
                            .filter(worker -> !worker.ended())
                            .map(worker -> scene.state().nodes().find(worker.nodeId()))
                            .map(node -> node == null ? "gone" : node.info().cluster())
                            .distinct()
                            .count();
                    assertThat(clusters).as("clusters of one gang").isEqualTo(1);
                }
                allEnded &= gang.phase() == GangPhase.ENDED;
            }
            long serving = job.gangs().stream().filter(gang -> !gang.leaving()).count();
            assertThat(serving).as("gangs of %s that serve", job.name()).isEqualTo(job.wantedGangs());
            assertThat(job.gangs())
                    .filteredOn(GangState::leaving)
                    .extracting(GangState::phase)
                    .isSubsetOf(GangPhase.STOPPING, GangPhase.ENDED);
            assertThat(job.ended())
                    .as("job %s ended with its gangs", job.name())
                    .isEqualTo(allEnded);
        }
    }

    /** A snapshot made while the ledger goes on is the one that was made at once. */
    private static void checkWalks(Scene scene, long seed) {
        Random random = new Random(seed);
        State state = new State();
        Map<SnapshotWalk, List<Entry>> expected = new LinkedHashMap<>();
        Map<SnapshotWalk, List<Entry>> walked = new LinkedHashMap<>();
        for (Entry entry : scene.ledger) {
            if (random.nextInt(50) == 0) {
                SnapshotWalk walk = SnapshotWalk.of(state);
                expected.put(walk, Snapshot.of(state));
                walked.put(walk, new ArrayList<>());
            }
            for (SnapshotWalk walk : walked.keySet()) {
                walk.before(entry.event());
            }
            state.apply(entry);
            walked.forEach((walk, entries) -> {
                if (random.nextInt(20) == 0) {
                    walk.next(1 + random.nextInt(3), entries::add);
                }
            });
        }
        walked.forEach((walk, entries) -> {
            while (walk.next(2, entries::add)) {
                // Bit by bit to its end.
            }
            assertThat(entries)
                    .as("seed %d, walk from %d on", seed, walk.revision())
                    .isEqualTo(expected.get(walk));
        });
    }

    /** The ledger folds to the head, and so does the head's own snapshot. */
    private static void checkFolds(Scene scene) {
        List<Entry> head = Snapshot.of(scene.state());
        State replayed = new State();
        ToldGangs toldByPages = new ToldGangs(replayed);
        scene.ledger.forEach(entry -> {
            replayed.apply(entry);
            toldByPages.check();
        });
        assertThat(Snapshot.of(replayed)).isEqualTo(head);
        State restored = new State();
        ToldGangs toldBySnapshot = new ToldGangs(restored);
        head.forEach(restored::apply);
        toldBySnapshot.check();
        assertThat(Snapshot.of(restored)).isEqualTo(head);
    }
}
