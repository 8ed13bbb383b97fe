package dev.interposer.agent.driver.nvml;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** NVLink: what a chip is joined with, and which chips are so one island. */
final class Links {
    /** More than any chip has. */
    private static final int MOST_LINKS = 64;

    private static final int REMOTE_SWITCH = 2;
    private static final int FABRIC_COMPLETED = 3;

    private final Queries queries;

    Links(Queries queries) {
        this.queries = queries;
    }

    /**
     * A chip among its links.
     *
     * @param uuid its name
     * @param pci its own address
     * @param toSwitch whether a link that is up leads to a switch
     * @param peers addresses of the chips that links that are up lead to
     * @param fabric its fabric over several machines, and its clique there; empty for none
     */
    record Joined(String uuid, String pci, boolean toSwitch, List<String> peers, String fabric) {
        Joined {
            peers = List.copyOf(peers);
        }
    }

    /** The state of a chip's links: how many it has, and those that are up. */
    record State(int count, BitSet up) {
        static final State UNKNOWN = new State(0, new BitSet());
    }

    State state(MemorySegment chip) throws DeviceLostException {
        BitSet up = new BitSet();
        int count = 0;
        while (count < MOST_LINKS) {
            OptionalInt active = queries.number(Call.LINK_STATE, chip, count);
            if (active.isEmpty()) {
                break;
            }
            up.set(count, active.getAsInt() == 1);
            count++;
        }
        return new State(count, up);
    }

    Joined joined(String uuid, String pci, MemorySegment chip, BitSet up) throws DeviceLostException {
        boolean toSwitch = false;
        List<String> peers = new ArrayList<>();
        for (int link = up.nextSetBit(0); link >= 0; link = up.nextSetBit(link + 1)) {
            OptionalInt type = queries.number(Call.LINK_FAR_TYPE, chip, link);
            if (type.isPresent() && type.getAsInt() == REMOTE_SWITCH) {
                toSwitch = true;
            } else {
                try (Arena arena = Arena.ofConfined()) {
                    queries.structure(arena, Call.LINK_FAR_PCI, Structures.PCI, 0, chip, link)
                            .ifPresent(far -> peers.add(address(far)));
                }
            }
        }
        return new Joined(uuid, pci, toSwitch, peers, fabric(chip));
    }

    /** As the kernel writes it: {@code 0000:1b:00.0}. */
    static String address(MemorySegment pci) {
        return "%04x:%02x:%02x.0"
                .formatted(
                        Structures.number(pci, Structures.PCI, "domain"),
                        Structures.number(pci, Structures.PCI, "bus"),
                        Structures.number(pci, Structures.PCI, "device"));
    }

    private String fabric(MemorySegment chip) throws DeviceLostException {
        try (Arena arena = Arena.ofConfined()) {
            Optional<MemorySegment> second = queries.structure(arena, Call.FABRIC_2, Structures.FABRIC_2, 2, chip);
            if (second.isPresent()) {
                return fabric(second.get(), Structures.FABRIC_2);
            }
            return queries.structure(arena, Call.FABRIC_1, Structures.FABRIC_1, 0, chip)
                    .map(first -> fabric(first, Structures.FABRIC_1))
                    .orElse("");
        }
    }

    /** Machines of one fabric have its number; a switch within one machine has none, which is all zeros. */
    private static String fabric(MemorySegment info, StructLayout layout) {
        String cluster = HexFormat.of().formatHex(Structures.bytes(info, layout, "clusterUuid"));
        boolean joined = Structures.bytes(info, layout, "state")[0] == FABRIC_COMPLETED
                && Structures.number(info, layout, "status") == Code.SUCCESS
                && !cluster.chars().allMatch(digit -> digit == '0');
        return joined
                ? "nvlink-" + dashed(cluster) + "."
                        + Integer.toUnsignedString(Structures.number(info, layout, "cliqueId"))
                : "";
    }

    private static String dashed(String hex) {
        return String.join(
                "-",
                hex.substring(0, 8),
                hex.substring(8, 12),
                hex.substring(12, 16),
                hex.substring(16, 20),
                hex.substring(20));
    }

    /**
     * The scale-up domain of each chip of a machine, by name.
     *
     * <p>A fabric names its own. Else chips joined by links, over however many steps, are one; all that reach a switch
     * are joined. If that is every chip, or no link is up anywhere, the machine is the domain: empty. Else an island
     * has the name of its first chip, which no other machine has.
     */
    static Map<String, String> domains(List<Joined> chips) {
        Map<String, Integer> places = new HashMap<>();
        int[] island = new int[chips.size()];
        for (int at = 0; at < island.length; at++) {
            places.put(chips.get(at).pci(), at);
            island[at] = at;
        }
        int firstAtSwitch = -1;
        for (int at = 0; at < island.length; at++) {
            for (String peer : chips.get(at).peers()) {
                // What is no chip is a switch that does not say so: whoever reaches the same one is joined.
                Integer joined = places.putIfAbsent(peer, at);
                join(island, at, joined == null ? at : joined);
            }
            if (chips.get(at).toSwitch()) {
                firstAtSwitch = firstAtSwitch < 0 ? at : firstAtSwitch;
                join(island, firstAtSwitch, at);
            }
        }
        boolean whole = Arrays.stream(island).distinct().count() == 1
                || chips.stream()
                        .noneMatch(chip -> chip.toSwitch() || !chip.peers().isEmpty());
        Map<String, String> domains = new HashMap<>();
        for (int at = 0; at < island.length; at++) {
            Joined chip = chips.get(at);
            String local = whole ? "" : "nvlink-" + chips.get(island[at]).uuid();
            domains.put(chip.uuid(), chip.fabric().isEmpty() ? local : chip.fabric());
        }
        return domains;
    }

    /** The lower number stands for both islands, at every member of either. */
    private static void join(int[] island, int one, int other) {
        int kept = Math.min(island[one], island[other]);
        int given = Math.max(island[one], island[other]);
        for (int at = 0; at < island.length; at++) {
            island[at] = island[at] == given ? kept : island[at];
        }
    }
}
