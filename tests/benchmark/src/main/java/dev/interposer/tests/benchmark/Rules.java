package dev.interposer.tests.benchmark;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobQueue.ScopeKind;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Basis;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.model.SourcingPolicy.PinnedWork;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.SourcingPolicy.SourcingScope;
import dev.interposer.engine.model.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Every rule that a start is held against: three levels of queues with weights, guarantees, limits, lending and
 * borrowing limits by class, family, supplier and all; bounds on users; policies with a hard cap, a soft floor and a
 * report.
 */
final class Rules {
    private static final int TEAMS = 4;
    private static final int PROJECTS = 3;
    private static final int NONE = SourcingPolicy.NO_BOUND;

    private Rules() {}

    /** Applies them; the queues in which jobs may wait. */
    static List<String> apply(int nodes, Consumer<Event> sink) {
        long devices = 8L * nodes;
        List<String> leaves = new ArrayList<>();
        queue(sink, "lab", "", 1, new Quota(ScopeKind.ALL, "", -1, devices * 2, -1, -1));
        for (int team = 0; team < TEAMS; team++) {
            String name = "team-" + team;
            String chip = FleetScene.CLASSES.get(team);
            queue(
                    sink,
                    name,
                    "lab",
                    1 + team,
                    new Quota(ScopeKind.CLASS, chip, devices / 32, -1, -1, -1),
                    new Quota(ScopeKind.SUPPLIER, "nvidia", -1, devices / 3, -1, -1));
            for (int project = 0; project < PROJECTS; project++) {
                String leaf = name + "-" + project;
                leaves.add(leaf);
                queue(
                        sink,
                        leaf,
                        name,
                        1 + project,
                        new Quota(ScopeKind.ALL, "", devices / 64, -1, devices, project == 0 ? devices / 80 : -1),
                        new Quota(ScopeKind.CHIP_FAMILY, "nv", -1, devices / 4, -1, -1));
            }
        }
        sink.accept(new SettingEvent.PolicyApplied(new SourcingPolicy(
                "mix",
                SourcingScope.FLEET,
                Basis.INSTALLED,
                8,
                List.of(
                        new SourcingRule(Tier.DESIGNER, "nvidia", 60, NONE, NONE, Enforcement.HARD),
                        new SourcingRule(Tier.DESIGNER, "inhouse", NONE, NONE, 20, Enforcement.SOFT),
                        new SourcingRule(Tier.DESIGNER, "amd", 50, NONE, NONE, Enforcement.REPORT)),
                2,
                PinnedWork.BLOCK,
                InferenceSourcing.NONE,
                List.of())));
        return leaves;
    }

    private static void queue(Consumer<Event> sink, String name, String parent, int weight, Quota... quotas) {
        int devicesOfUser = parent.isEmpty() ? 1 << 24 : 0;
        sink.accept(new SettingEvent.QueueApplied(
                new JobQueue(name, parent, Map.of(), weight, List.of(quotas), devicesOfUser, 0, 0, QueueState.OPEN)));
    }
}
