package dev.interposer.tests.benchmark;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.Level;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.NodeInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Four classes of three suppliers on nodes of 8 devices each; 8 nodes are a rack and 64 a block; a block is of one
 * class.
 */
final class FleetScene {
    static final List<String> CLASSES = List.of("h100", "b200", "mi300x", "a1");
    private static final List<String> SUPPLIERS = List.of("nvidia", "nvidia", "amd", "inhouse");

    private FleetScene() {}

    /** The events that make the fleet; the first id that is free. */
    static long build(int nodes, Consumer<Event> sink) {
        for (int index = 0; index < CLASSES.size(); index++) {
            sink.accept(new SettingEvent.ClassApplied(chipClass(index)));
        }
        long ids = 1;
        for (int node = 0; node < nodes; node++) {
            ids = addNode(node, ids, sink);
        }
        return ids;
    }

    private static long addNode(int number, long firstId, Consumer<Event> sink) {
        String model = CLASSES.get(number / 64 % CLASSES.size());
        long ids = firstId;
        long nodeId = ids++;
        List<Device> devices = new ArrayList<>();
        for (int device = 0; device < 8; device++) {
            devices.add(new Device(ids++, model, "", DeviceReport.of("d" + device, model)));
        }
        NodeInfo info = new NodeInfo(
                "c/n" + number,
                "boot",
                "1",
                Map.of("site/rack", "r" + number / 8, "site/block", "b" + number / 64),
                Map.of("cpu", 192_000L, "memory", 2048L << 30));
        sink.accept(new FleetEvent.NodeReported(nodeId, info, devices));
        return ids;
    }

    private static AcceleratorClass chipClass(int index) {
        AcceleratorClass plain = AcceleratorClass.of(CLASSES.get(index), SUPPLIERS.get(index));
        return new AcceleratorClass(
                plain.name(),
                plain.supplierName(),
                index < 2 ? "nv" : "",
                plain.match(),
                80L + 60L * index,
                List.of(),
                List.of(),
                List.of(
                        new Level("scaleup", ""),
                        new Level("node", ""),
                        new Level("rack", "site/rack"),
                        new Level("block", "site/block"),
                        new Level("cluster", "")),
                "",
                List.of(),
                "",
                plain.costFrom());
    }
}
