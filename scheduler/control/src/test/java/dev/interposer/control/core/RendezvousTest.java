package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.agents.Order;
import dev.interposer.control.agents.Rendezvous;
import dev.interposer.control.command.Command;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.state.WorkerState;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Where the workers of a gang are told to meet. */
class RendezvousTest {
    private final Scene scene = new Scene();

    @Test
    void allWorkersMeetAtTheNodeOfTheFirstAndKnowTheirPlacesThere() {
        hello("c/n1", "10.0.0.1", 2);
        hello("c/n2", "10.0.0.2", 2);
        scene.run("work", Jobs.gang().workers(4).training());

        List<Rendezvous> told = told();
        String first = scene.worker("work", 0).nodeId() == scene.node("c/n1").id() ? "10.0.0.1" : "10.0.0.2";
        assertThat(told).hasSize(4).allSatisfy(place -> {
            assertThat(place.address()).isEqualTo(first);
            assertThat(place.port()).isEqualTo(told.getFirst().port()).isBetween(20_000, 29_999);
            assertThat(place.localWorldSize()).isEqualTo(2);
            assertThat(place.nodeCount()).isEqualTo(2);
        });
        for (WorkerState worker : scene.gang("work").workers()) {
            boolean withFirst = worker.nodeId() == scene.worker("work", 0).nodeId();
            assertThat(told.get(worker.index()).nodeRank()).isEqualTo(withFirst ? 0 : 1);
        }
        assertThat(told.stream().filter(place -> place.nodeRank() == 1).map(Rendezvous::localRank))
                .containsExactly(0, 1);
    }

    @Test
    void theNextLeaderTellsAnAgentThatComesBackTheSame() {
        hello("c/n1", "10.0.0.1", 1);
        hello("c/n2", "10.0.0.2", 1);
        scene.run("work", Jobs.gang().workers(2).training());
        List<Rendezvous> before = told();

        scene.restart();
        scene.welcomes.clear();
        hello("c/n2", "10.0.0.2", 1);

        assertThat(scene.welcomes.getFirst().orders())
                .singleElement()
                .satisfies(order -> assertThat(((Order.Assign) order).rendezvous())
                        .isEqualTo(before.get(order.key().worker())));
    }

    @Test
    void anotherAttemptMeetsOnAnotherPort() {
        hello("c/n1", "10.0.0.1", 1);
        scene.run("work", Jobs.gang().training());
        int port = told().getFirst().port();
        scene.orders.clear();
        scene.end(scene.worker("work", 0), EndCause.DEVICE_FAULT, 1);
        scene.pass(60);
        assertThat(told().getFirst().port()).isNotEqualTo(port).isBetween(20_000, 29_999);
    }

    @Test
    void aGangOnOneNodeMeetsThereAlsoWhenTheAgentSaysNoAddress() {
        hello("c/n1", "", 2);
        scene.run("work", Jobs.gang().workers(2).training());
        assertThat(told()).extracting(Rendezvous::address).containsExactly("127.0.0.1", "127.0.0.1");
    }

    @Test
    void aGangOverNodesOfOldAgentsIsToldNoPlaceRatherThanAWrongOne() {
        hello("c/n1", "", 1);
        hello("c/n2", "", 1);
        scene.run("work", Jobs.gang().workers(2).training());
        assertThat(told()).extracting(Rendezvous::address).containsExactly("", "");
    }

    /** An agent on the scheduler's own machine finds the way to it over loopback. */
    @Test
    void anAddressThatLeadsToWhoeverDialsItIsToldToGangsOfOneNodeAlone() {
        hello("c/n1", "127.0.0.1", 1);
        hello("c/n2", "127.0.0.1", 1);
        scene.run("wide", Jobs.gang().workers(2).training());
        assertThat(told()).extracting(Rendezvous::address).containsExactly("", "");

        hello("c/n3", "127.0.0.1", 2);
        scene.orders.clear();
        scene.run("narrow", Jobs.gang().workers(2).training());
        assertThat(told()).extracting(Rendezvous::address).containsExactly("127.0.0.1", "127.0.0.1");
    }

    /** By rank. */
    private List<Rendezvous> told() {
        return scene.orders.stream()
                .flatMap(node -> node.orders().stream())
                .filter(Order.Assign.class::isInstance)
                .map(Order.Assign.class::cast)
                .sorted(Comparator.comparingInt(order -> order.key().worker()))
                .map(Order.Assign::rendezvous)
                .toList();
    }

    private void hello(String node, String address, int devices) {
        List<DeviceReport> reports = IntStream.range(0, devices)
                .mapToObj(index -> DeviceReport.of("d" + index, "a1"))
                .toList();
        NodeInfo info = new NodeInfo(node, "boot", "test", Map.of(), Map.of("cpu", 64_000L), address);
        scene.send(new Command.AgentHello(
                Actor.agent(node), new NodeReport(info, reports), List.of(), scene.incarnation(), 0, 0));
    }
}
