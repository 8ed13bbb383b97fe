package dev.interposer.market;

import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.SupplierShare;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.sourcing.Origins;
import dev.interposer.engine.state.State;
import dev.interposer.market.FleetImage.NodeImage;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The chips that go with a party.
 *
 * <p>A class that rests wholly on the party is lost wholly. Of one that rests on it for a part, whole nodes are lost,
 * in the order of their coming, so that the part lost so far stays closest to the party's percent: who made which chip
 * is not known, and chips of a node tend to come from one lot.
 */
final class Loss {
    private final FleetImage image;
    private final State objects = new State();

    Loss(FleetImage image) {
        this.image = image;
        for (SettingEvent event : image.objects()) {
            objects.apply(0, 0, event);
        }
    }

    /** Everybody on whom an installed chip rests, by tier and name; nobody stands for an unknown one. */
    List<Party> parties() {
        TreeSet<Party> parties = new TreeSet<>(Comparator.comparing(Party::tier).thenComparing(Party::supplierName));
        for (NodeImage node : image.nodes()) {
            for (Device device : node.devices()) {
                AcceleratorClass chipClass = objects.settings().acceleratorClass(device.className());
                if (chipClass == null) {
                    continue;
                }
                for (Tier tier : Tier.values()) {
                    for (SupplierShare share : Origins.of(chipClass, tier, node.seller(), objects.settings())) {
                        if (!share.supplierName().equals(Origins.UNKNOWN)) {
                            parties.add(new Party(tier, share.supplierName()));
                        }
                    }
                }
            }
        }
        return List.copyOf(parties);
    }

    /** For each node of the image, by its place, which of its devices are lost, by theirs. */
    Map<Integer, BitSet> of(Party party) {
        Map<Integer, BitSet> lost = new HashMap<>();
        Map<String, long[]> soFar = new HashMap<>();
        for (int place = 0; place < image.nodes().size(); place++) {
            NodeImage node = image.nodes().get(place);
            Map<String, BitSet> byClass = new HashMap<>();
            for (int device = 0; device < node.devices().size(); device++) {
                byClass.computeIfAbsent(node.devices().get(device).className(), name -> new BitSet())
                        .set(device);
            }
            BitSet gone = new BitSet();
            byClass.forEach((name, devices) -> {
                if (goes(party, node, name, devices.cardinality(), soFar)) {
                    gone.or(devices);
                }
            });
            if (!gone.isEmpty()) {
                lost.put(place, gone);
            }
        }
        return lost;
    }

    private boolean goes(Party party, NodeImage node, String className, int devices, Map<String, long[]> soFar) {
        AcceleratorClass chipClass = objects.settings().acceleratorClass(className);
        if (chipClass == null) {
            return false;
        }
        int percent = Origins.percent(chipClass, party.tier(), node.seller(), objects.settings(), party.supplierName());
        if (percent == 0 || percent == 100) {
            return percent == 100;
        }
        long[] seenAndLost = soFar.computeIfAbsent(className, name -> new long[2]);
        seenAndLost[0] += devices;
        boolean goes = 2 * (seenAndLost[0] * percent - seenAndLost[1] * 100) >= 100L * devices;
        seenAndLost[1] += goes ? devices : 0;
        return goes;
    }
}
