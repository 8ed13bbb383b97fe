package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.engine.model.EndCause;
import org.junit.jupiter.api.Test;

/** What makes a gang avoid a node, and what does not. */
class AvoidedNodeTest {
    private final Scene scene = new Scene();

    AvoidedNodeTest() {
        scene.hello("c/n1", 1);
        scene.hello("c/n2", 1);
    }

    private String node() {
        long id = scene.worker("work", 0).nodeId();
        return scene.node("c/n1").id() == id ? "c/n1" : "c/n2";
    }

    @Test
    void anExitCodeDoesAndTheNextLeaderKnowsIt() {
        scene.run("work", Jobs.gang().training());
        assertThat(node()).isEqualTo("c/n1");
        scene.end(scene.worker("work", 0), EndCause.EXIT_CODE, 1);
        scene.restart();
        scene.pass(6);
        assertThat(node()).isEqualTo("c/n2");
    }

    @Test
    void aFaultOfADeviceDoes() {
        scene.run("work", Jobs.gang().training());
        scene.end(scene.worker("work", 0), EndCause.DEVICE_FAULT, 1);
        scene.pass(6);
        assertThat(node()).isEqualTo("c/n2");
    }

    @Test
    void theLossOfANodeDoesAlsoWhenTheNodeIsBack() {
        scene.run("work", Jobs.gang().training());
        scene.hello("c/n2", 0);
        scene.silent("c/n1");
        scene.send(new Command.FenceNode(Scene.USER, "c/n1", "power is off"));
        assertThat(scene.gang("work").workers()).isEmpty();
        scene.hello("c/n2", 1);
        scene.pass(1);
        assertThat(node()).isEqualTo("c/n2");
        scene.hello("c/n1", 1);
        assertThat(scene.gang("work").avoidedNodes().get(0))
                .isEqualTo(scene.node("c/n1").id());
    }

    @Test
    void anAgentThatEndsDoesNot() {
        scene.run("work", Jobs.gang().training());
        scene.end(scene.worker("work", 0), EndCause.RELEASED, 137);
        assertThat(scene.gang("work").avoidedNodes().size()).isZero();
        assertThat(node()).isEqualTo("c/n1");
    }

    @Test
    void aReplicaThatServedForLongBeginsAnew() {
        scene.run("work", Jobs.gang().inference(1));
        scene.end(scene.worker("work", 0), EndCause.EXIT_CODE, 1);
        scene.pass(6);
        assertThat(node()).isEqualTo("c/n2");
        scene.say(
                scene.worker("work", 0),
                ReportedWorker.running(scene.worker("work", 0).key()));
        scene.pass(3600);
        scene.end(scene.worker("work", 0), EndCause.EXIT_CODE, 1);
        assertThat(scene.gang("work").avoidedNodes().stream())
                .containsExactly(scene.node("c/n2").id());
        scene.pass(6);
        assertThat(node()).isEqualTo("c/n1");
    }
}
