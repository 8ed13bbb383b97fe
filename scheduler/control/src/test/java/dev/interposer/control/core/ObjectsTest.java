package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Outcome.Change;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.MatchKind;
import dev.interposer.engine.model.AcceleratorClass.MatchRule;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.ObjectKind;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.SecretReference;
import dev.interposer.engine.model.Supplier;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Suppliers, classes and queues, and the class of each device. */
class ObjectsTest {
    private final Scene scene = new Scene();

    private Outcome applyClass(AcceleratorClass chipClass) {
        return scene.send(new Command.ApplyObjects(Scene.USER, List.of(), List.of(chipClass), List.of()));
    }

    private Outcome delete(ObjectKind kind, String name) {
        return scene.send(new Command.DeleteObject(Scene.USER, kind, name));
    }

    private Device device(String node) {
        return scene.node(node).devices().iterator().next();
    }

    private static AcceleratorClass matching(String name, MatchKind kind, Map<String, String> equal) {
        return new AcceleratorClass(
                name,
                "acme",
                "",
                List.of(new MatchRule(kind, equal, "")),
                0,
                List.of(),
                List.of(),
                AcceleratorClass.DEFAULT_LADDER,
                "",
                List.of(),
                "",
                SecretReference.NONE);
    }

    @Test
    void applyingTheSameAgainChangesNothing() {
        int events = scene.ledger.size();
        Outcome again = scene.send(new Command.ApplyObjects(
                Scene.USER,
                List.of(Supplier.of("acme")),
                List.of(AcceleratorClass.of("a1", "acme")),
                List.of(JobQueue.of("research"))));

        assertThat(again)
                .isInstanceOfSatisfying(
                        Outcome.Applied.class,
                        applied -> assertThat(applied.changes()).containsOnly(Change.UNCHANGED));
        assertThat(scene.ledger).hasSize(events);
    }

    @Test
    void aDeviceThatNoClassMatchesIsInQuarantineUntilOneDoes() {
        scene.send(new Command.ReportInventory(Scene.USER, Scene.report("c/n1", "b", "b1", 1)));
        assertThat(device("c/n1").className()).isEmpty();
        assertThat(device("c/n1").quarantineReason())
                .contains("no class matches")
                .contains("b1");
        scene.run("train", Jobs.gang().training());

        applyClass(AcceleratorClass.of("b1", "acme"));

        assertThat(device("c/n1").className()).isEqualTo("b1");
        assertThat(device("c/n1").quarantineReason()).isEmpty();
    }

    @Test
    void aDeviceThatTwoClassesMatchIsInQuarantineAndNamesBoth() {
        scene.hello("c/n1", 1);
        applyClass(matching("a2", MatchKind.ATTRIBUTES, Map.of("model", "a1")));

        assertThat(device("c/n1").className()).isEmpty();
        assertThat(device("c/n1").quarantineReason()).contains("a1").contains("a2");
    }

    /** It would match nothing, and nobody would learn why. */
    @Test
    void aRuleWithAnExpressionIsRefusedByName() {
        AcceleratorClass plain = matching("b1", MatchKind.DRA, Map.of("driver", "gpu.example"));
        MatchRule rule = new MatchRule(MatchKind.DRA, Map.of("driver", "gpu.example"), "device.isGood");
        AcceleratorClass withExpression = new AcceleratorClass(
                "b1",
                "acme",
                "",
                List.of(plain.match().getFirst(), rule),
                0,
                List.of(),
                List.of(),
                AcceleratorClass.DEFAULT_LADDER,
                "",
                List.of(),
                "",
                SecretReference.NONE);

        assertThat(applyClass(plain)).isInstanceOf(Outcome.Applied.class);
        assertThat(Scene.code(applyClass(withExpression))).isEqualTo(ErrorCode.UNSUPPORTED);
        assertThat(applyClass(withExpression).toString())
                .contains("AcceleratorClass/b1.spec.match[1].dra.cel (device.isGood)");
    }

    @Test
    void quarantineLeavesRunningWorkAloneAndTakesNoNewWork() {
        scene.hello("c/n1", 2);
        scene.startAll(scene.run("train", Jobs.gang().training()));
        applyClass(matching("a2", MatchKind.ATTRIBUTES, Map.of("model", "a1")));
        scene.run("next", Jobs.gang().training());

        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.RUNNING);
        assertThat(scene.gang("next").phase()).isEqualTo(GangPhase.WAITING);
    }

    @Test
    void classesGetAPriceWhenTheyCome() {
        applyClass(AcceleratorClass.of("b1", "acme"));

        assertThat(scene.state().settings().pricesMilli())
                .containsEntry("a1", 1000L)
                .containsEntry("b1", 1000L);
        assertThat(scene.state().settings().priceEpoch()).isEqualTo(2);
    }

    @Test
    void whatIsReferredToIsNotDeletedAndTheReferrerIsNamed() {
        scene.run("train", Jobs.gang().training());

        assertThat(delete(ObjectKind.SUPPLIER, "acme").toString()).contains("CONFLICT", "class a1");
        assertThat(delete(ObjectKind.ACCELERATOR_CLASS, "a1").toString()).contains("CONFLICT", "job llm/train");
        assertThat(delete(ObjectKind.QUEUE, "research").toString()).contains("CONFLICT", "job llm/train");
        scene.cancel("train");
        assertThat(delete(ObjectKind.QUEUE, "research")).isInstanceOf(Outcome.Accepted.class);
        assertThat(delete(ObjectKind.ACCELERATOR_CLASS, "a1")).isInstanceOf(Outcome.Accepted.class);
        assertThat(delete(ObjectKind.SUPPLIER, "acme")).isInstanceOf(Outcome.Accepted.class);
    }

    @Test
    void whatDoesNotExistIsNotDeleted() {
        assertThat(Scene.code(delete(ObjectKind.QUEUE, "none"))).isEqualTo(ErrorCode.NOT_FOUND);
    }

    @Test
    void nothingOfAManifestIsAppliedWhenOneObjectIsWrong() {
        Outcome outcome = scene.send(new Command.ApplyObjects(
                Scene.USER, List.of(Supplier.of("good")), List.of(AcceleratorClass.of("b1", "nobody")), List.of()));

        assertThat(outcome.toString()).contains("AcceleratorClass/b1.spec.supplierName", "nobody");
        assertThat(scene.state().settings().supplier("good")).isNull();
    }

    @Test
    void aHeldQueueStartsNothing() {
        scene.hello("c/n1", 1);
        JobQueue open = JobQueue.of("research");
        JobQueue held = new JobQueue("research", "", Map.of(), 1, List.of(), 0, 0, 0, QueueState.HOLD);
        scene.send(new Command.ApplyObjects(Scene.USER, List.of(), List.of(), List.of(held)));
        scene.run("train", Jobs.gang().training());
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.WAITING);

        scene.send(new Command.ApplyObjects(Scene.USER, List.of(), List.of(), List.of(open)));
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.ASSIGNED);
    }

    @Test
    void queuesInACircleAreRefused() {
        JobQueue first = new JobQueue("a", "b", Map.of(), 1, List.of(), 0, 0, 0, QueueState.OPEN);
        JobQueue second = new JobQueue("b", "a", Map.of(), 1, List.of(), 0, 0, 0, QueueState.OPEN);

        assertThat(scene.send(new Command.ApplyObjects(Scene.USER, List.of(), List.of(), List.of(first, second)))
                        .toString())
                .contains("makes a circle");
    }
}
