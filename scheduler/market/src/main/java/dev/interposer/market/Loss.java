package dev.interposer.market;

import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.SupplierShare;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.sourcing.Origins;
import dev.interposer.engine.state.State;
import dev.interposer.market.FleetImage.NodeImage;
import java.util.ArrayList;
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
    /** By place of the node, its devices by class. */
    private final List<Map<String, BitSet>> byClass = new ArrayList<>();

    private final Map<Origin, List<Party>> origins = new HashMap<>();

    /** All that decides whom a chip rests on. */
    private record Origin(String className, String seller) {}

    Loss(FleetImage image) {
        this.image = image;
        for (SettingEvent event : image.objects()) {
            objects.apply(0, 0, event);
        }
        for (NodeImage node : image.nodes()) {
            Map<String, BitSet> devices = new HashMap<>();
            for (int device = 0; device < node.devices().size(); device++) {
                devices.computeIfAbsent(node.devices().get(device).className(), name -> new BitSet())
                        .set(device);
            }
            byClass.add(devices);
        }
    }

    /** Everybody on whom an installed chip rests, by tier and name; nobody stands for an unknown one. */
    List<Party> parties() {
        TreeSet<Party> parties = new TreeSet<>(Comparator.comparing(Party::tier).thenComparing(Party::supplierName));
        for (int place = 0; place < image.nodes().size(); place++) {
            String seller = image.nodes().get(place).seller();
            for (String className : byClass.get(place).keySet()) {
                parties.addAll(restsOn(new Origin(className, seller)));
            }
        }
        return List.copyOf(parties);
    }

    private List<Party> restsOn(Origin origin) {
        return origins.computeIfAbsent(origin, this::found);
    }

    private List<Party> found(Origin origin) {
        List<Party> parties = new ArrayList<>();
        AcceleratorClass chipClass = objects.settings().acceleratorClass(origin.className());
        if (chipClass != null) {
            for (Tier tier : Tier.values()) {
                for (SupplierShare share : Origins.of(chipClass, tier, origin.seller(), objects.settings())) {
                    if (!share.supplierName().equals(Origins.UNKNOWN)) {
                        parties.add(new Party(tier, share.supplierName()));
                    }
                }
            }
        }
        return parties;
    }

    /** For each node of the image, by its place, which of its devices are lost, by theirs. */
    Map<Integer, BitSet> of(Party party) {
        Map<Integer, BitSet> lost = new HashMap<>();
        Map<String, long[]> soFar = new HashMap<>();
        for (int place = 0; place < image.nodes().size(); place++) {
            NodeImage node = image.nodes().get(place);
            BitSet gone = new BitSet();
            byClass.get(place).forEach((name, devices) -> {
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
        if (!restsOn(new Origin(className, node.seller())).contains(party)) {
            return false;
        }
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
