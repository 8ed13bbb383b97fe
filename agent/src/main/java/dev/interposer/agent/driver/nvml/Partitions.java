package dev.interposer.agent.driver.nvml;

import dev.interposer.agent.driver.DriverException;
import dev.interposer.proto.agent.v1.Device;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The instances into which a chip is split (MIG), as devices of their own. */
final class Partitions {
    private static final int MEMORY_SLICES = 8;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    private final Queries queries;

    Partitions(Queries queries) {
        this.queries = queries;
    }

    /**
     * @param problems gets what is left out, and why
     */
    List<Unit> of(Device chip, MemorySegment handle, Set<String> problems) throws DeviceLostException {
        List<Unit> parts = new ArrayList<>();
        int most = queries.number(Call.MIG_COUNT, handle).orElse(0);
        for (int index = 0; index < most; index++) {
            MemorySegment part;
            try {
                part = queries.handle(Call.MIG_HANDLE, handle, index);
            } catch (DriverException e) {
                // Instances have numbers with gaps between them.
                continue;
            }
            Optional<String> uuid = queries.text(Call.UUID, part);
            if (uuid.isPresent()) {
                Unit unit = unit(chip, handle, part, uuid.get());
                if (unit.facts().getPartition().isEmpty()) {
                    // Without a profile it would pass for a whole chip.
                    problems.add("instance " + unit.name() + " is left out: " + Call.MIG_ATTRIBUTES.function()
                            + " does not say what it is");
                } else {
                    parts.add(unit);
                }
            }
        }
        return parts;
    }

    private Unit unit(Device chip, MemorySegment handle, MemorySegment part, String uuid) throws DeviceLostException {
        Device.Builder device = Device.newBuilder()
                .setName(uuid)
                .setParentName(chip.getName())
                .setScaleUpDomain(chip.getScaleUpDomain())
                .putAllAttributes(chip.getAttributesMap());
        Optional<Queries.Memory> memory = queries.memory(part);
        memory.ifPresent(known -> device.setMemoryBytes(known.totalBytes()));
        try (Arena arena = Arena.ofConfined()) {
            queries.structure(arena, Call.MIG_ATTRIBUTES, Structures.ATTRIBUTES, 0, part)
                    .ifPresent(attributes -> shape(device, chip.getMemoryBytes(), attributes));
        }
        int instance = queries.number(Call.INSTANCE_ID, part).orElse(Unit.WHOLE);
        int start = instance == Unit.WHOLE ? Unit.WHOLE : startSlice(handle, instance);
        if (start != Unit.WHOLE) {
            device.putAttributes("startSlice", Integer.toString(start));
        }
        return new Unit(device.build(), part, handle, instance, start);
    }

    private static void shape(Device.Builder device, long chipBytes, MemorySegment attributes) {
        int slices = Structures.number(attributes, Structures.ATTRIBUTES, "gpuInstanceSliceCount");
        int compute = Structures.number(attributes, Structures.ATTRIBUTES, "computeInstanceSliceCount");
        long bytes = Structures.wide(attributes, Structures.ATTRIBUTES, "memorySizeMB") * MIB;
        device.setPartition(profile(slices, compute, bytes, chipBytes));
        device.putAttributes(
                "multiprocessorCount",
                Integer.toString(Structures.number(attributes, Structures.ATTRIBUTES, "multiprocessorCount")));
        if (device.getMemoryBytes() == 0) {
            device.setMemoryBytes(bytes);
        }
    }

    /**
     * The vendor's name of the profile, such as {@code 1g.10gb}, or {@code 1c.3g.40gb} if only a part of the
     * instance's processors is in it. Its memory is named by eighths of the chip's, rounded to whole GB, and not by
     * what is left of them (NVIDIA Multi-Instance GPU User Guide, "Device Names").
     */
    static String profile(int slices, int computeSlices, long bytes, long chipBytes) {
        long eighths = chipBytes <= 0
                ? MEMORY_SLICES
                : Math.min(MEMORY_SLICES, Math.ceilDiv(bytes * MEMORY_SLICES, chipBytes));
        long chipGigabytes = Math.ceilDiv(chipBytes <= 0 ? bytes : chipBytes, GIB);
        long gigabytes = Math.round((double) chipGigabytes * eighths / MEMORY_SLICES);
        String processors = computeSlices == slices || computeSlices == 0 ? "" : computeSlices + "c.";
        return processors + slices + "g." + gigabytes + "gb";
    }

    private int startSlice(MemorySegment chip, int instance) throws DeviceLostException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment handle = queries.handle(Call.INSTANCE, chip, instance);
            Optional<MemorySegment> info = queries.structure(arena, Call.INSTANCE_INFO, Structures.INSTANCE, 0, handle);
            PathElement[] start = {PathElement.groupElement("placement"), PathElement.groupElement("start")};
            OptionalInt found = info.isPresent()
                    ? OptionalInt.of(info.get().get(ValueLayout.JAVA_INT, Structures.INSTANCE.byteOffset(start)))
                    : OptionalInt.empty();
            return found.orElse(Unit.WHOLE);
        } catch (DriverException e) {
            return Unit.WHOLE;
        }
    }
}
