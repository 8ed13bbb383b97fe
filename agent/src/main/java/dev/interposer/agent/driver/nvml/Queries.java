package dev.interposer.agent.driver.nvml;

import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Reading.DeviceProcess;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Questions to the library, each answered or empty: what is not supported, not permitted or not there is not known.
 * Only a device that is away altogether stops whoever asks.
 */
final class Queries {
    private static final int TEXT_BYTES = 96;
    /** More processes than that on one device are not listed. */
    private static final int MOST_PROCESSES = 4096;

    private static final long UNKNOWN_MEMORY = -1L;

    private final Library library;
    private @Nullable StructLayout processLayout;
    /** Since {@link #begin}: answers, and the code by which a device that ails refused one. */
    private int answers;

    private int ailing = Code.SUCCESS;

    Queries(Library library) {
        this.library = library;
    }

    Library library() {
        return library;
    }

    /** From now on it is counted what is answered. One thread asks at a time. */
    void begin() {
        answers = 0;
        ailing = Code.SUCCESS;
    }

    /** Whether something was answered since. */
    boolean answered() {
        return answers > 0;
    }

    /**
     * The code since by which a device that ails refused to answer: that it must be reset, if any said so, else the
     * last; {@link Code#SUCCESS} if there was none.
     */
    int ailing() {
        return ailing;
    }

    /** Memory in bytes. */
    record Memory(long totalBytes, long usedBytes) {}

    /** Text of the library as a whole. */
    Optional<String> text(Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(TEXT_BYTES);
            return textOf(library.call(call, text, TEXT_BYTES), text);
        }
    }

    /** Text of a device. */
    Optional<String> text(Call call, MemorySegment device) throws DeviceLostException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(TEXT_BYTES);
            return textOf(checked(library.call(call, device, text, TEXT_BYTES)), text);
        }
    }

    private static Optional<String> textOf(int code, MemorySegment text) {
        return code == Code.SUCCESS
                ? Optional.of(text.getString(0)).filter(found -> !found.isEmpty())
                : Optional.empty();
    }

    /** Calls what writes so many numbers to the addresses that follow its other arguments. */
    Optional<int[]> numbers(Call call, int count, Object... arguments) throws DeviceLostException {
        try (Arena arena = Arena.ofConfined()) {
            Object[] all = new Object[arguments.length + count];
            System.arraycopy(arguments, 0, all, 0, arguments.length);
            MemorySegment answers = arena.allocate(ValueLayout.JAVA_INT, count);
            for (int index = 0; index < count; index++) {
                all[arguments.length + index] = answers.asSlice(index * (long) Integer.BYTES, Integer.BYTES);
            }
            return checked(library.call(call, all)) == Code.SUCCESS
                    ? Optional.of(answers.toArray(ValueLayout.JAVA_INT))
                    : Optional.empty();
        }
    }

    OptionalInt number(Call call, Object... arguments) throws DeviceLostException {
        Optional<int[]> answer = numbers(call, 1, arguments);
        return answer.isPresent() ? OptionalInt.of(answer.get()[0]) : OptionalInt.empty();
    }

    /** A handle that the call writes; throws what the code says if there is none. */
    MemorySegment handle(Call call, Object... arguments) throws DeviceLostException, DriverException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment place = arena.allocate(ValueLayout.ADDRESS);
            Object[] all = new Object[arguments.length + 1];
            System.arraycopy(arguments, 0, all, 0, arguments.length);
            all[arguments.length] = place;
            int code = checked(library.call(call, all));
            if (code != Code.SUCCESS) {
                throw new DriverException(call.function() + ": " + Code.words(code));
            }
            return place.get(ValueLayout.ADDRESS, 0);
        }
    }

    /** A structure that the call fills; {@code version} goes into its first field, 0 for one without. */
    Optional<MemorySegment> structure(Arena arena, Call call, StructLayout layout, int version, Object... arguments)
            throws DeviceLostException {
        MemorySegment structure = arena.allocate(layout);
        if (version > 0) {
            structure.set(ValueLayout.JAVA_INT, 0, Structures.version(layout, version));
        }
        Object[] all = new Object[arguments.length + 1];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = structure;
        return checked(library.call(call, all)) == Code.SUCCESS ? Optional.of(structure) : Optional.empty();
    }

    /** By the second version, which leaves out what the driver keeps for itself, or by the first. */
    Optional<Memory> memory(MemorySegment device) throws DeviceLostException {
        try (Arena arena = Arena.ofConfined()) {
            Optional<Memory> second = structure(arena, Call.MEMORY_2, Structures.MEMORY_2, 2, device)
                    .map(memory -> memoryOf(memory, Structures.MEMORY_2));
            return second.isPresent()
                    ? second
                    : structure(arena, Call.MEMORY_1, Structures.MEMORY_1, 0, device)
                            .map(memory -> memoryOf(memory, Structures.MEMORY_1));
        }
    }

    private static Memory memoryOf(MemorySegment memory, StructLayout layout) {
        return new Memory(Structures.wide(memory, layout, "total"), Structures.wide(memory, layout, "used"));
    }

    OptionalInt utilizationPercent(MemorySegment device) throws DeviceLostException {
        try (Arena arena = Arena.ofConfined()) {
            Optional<MemorySegment> rates = structure(arena, Call.UTILIZATION, Structures.UTILIZATION, 0, device);
            return rates.isPresent()
                    ? OptionalInt.of(Structures.number(rates.get(), Structures.UTILIZATION, "gpu"))
                    : OptionalInt.empty();
        }
    }

    /** Degrees that are left until the device slows itself down; below 0 it does. For chips without a threshold. */
    OptionalInt marginCelsius(MemorySegment device) throws DeviceLostException {
        try (Arena arena = Arena.ofConfined()) {
            Optional<MemorySegment> margin = structure(arena, Call.TEMPERATURE_MARGIN, Structures.MARGIN, 1, device);
            return margin.isPresent()
                    ? OptionalInt.of(Structures.number(margin.get(), Structures.MARGIN, "marginTemperature"))
                    : OptionalInt.empty();
        }
    }

    /** Memory errors since the driver was loaded. */
    OptionalLong eccErrors(MemorySegment device, boolean corrected) throws DeviceLostException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(ValueLayout.JAVA_LONG);
            int code = checked(library.call(Call.ECC_ERRORS, device, corrected ? 0 : 1, 0, count));
            return code == Code.SUCCESS ? OptionalLong.of(count.get(ValueLayout.JAVA_LONG, 0)) : OptionalLong.empty();
        }
    }

    /** Pages taken out of use for both causes; chips before Ampere have them. */
    OptionalInt retiredPages(MemorySegment device) throws DeviceLostException {
        int pages = 0;
        for (int cause = 0; cause < 2; cause++) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
                int code = checked(library.call(Call.RETIRED_PAGES, device, cause, count, MemorySegment.NULL));
                // Without room for the addresses it says how many there are, and that the room was too small.
                if (code != Code.SUCCESS && code != Code.INSUFFICIENT_SIZE) {
                    return OptionalInt.empty();
                }
                pages += count.get(ValueLayout.JAVA_INT, 0);
            }
        }
        return OptionalInt.of(pages);
    }

    /** Processes that compute on the device. New ones may come between two calls, hence more room than was asked. */
    List<DeviceProcess> processes(MemorySegment device) throws DeviceLostException {
        int room = 64;
        while (true) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
                count.set(ValueLayout.JAVA_INT, 0, room);
                // As much as the largest needs: what a library writes over is not ours.
                MemorySegment found = arena.allocate(Structures.PROCESS_535, room);
                int code = checked(library.call(Call.PROCESSES, device, count, found));
                int present = count.get(ValueLayout.JAVA_INT, 0);
                if (code == Code.INSUFFICIENT_SIZE && room < MOST_PROCESSES) {
                    room = Math.clamp(present * 2L, room * 2, MOST_PROCESSES);
                    continue;
                }
                return code == Code.SUCCESS ? listed(found, Math.min(present, room), processLayout()) : List.of();
            }
        }
    }

    private StructLayout processLayout() {
        StructLayout layout = processLayout;
        if (layout == null) {
            layout = Structures.process(text(Call.DRIVER_VERSION).orElse(""), library.symbol(Call.PROCESSES));
            processLayout = layout;
        }
        return layout;
    }

    private static List<DeviceProcess> listed(MemorySegment found, int count, StructLayout layout) {
        long size = layout.byteSize();
        List<DeviceProcess> processes = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            MemorySegment process = found.asSlice(index * size, size);
            long bytes = Structures.wide(process, layout, "usedGpuMemory");
            processes.add(new DeviceProcess(
                    Integer.toUnsignedLong(Structures.number(process, layout, "pid")),
                    bytes < 0 ? UNKNOWN_MEMORY : bytes));
        }
        return processes;
    }

    private int checked(int code) throws DeviceLostException {
        if (code == Code.SUCCESS) {
            answers++;
        } else if (Code.ails(code) && ailing != Code.RESET_REQUIRED) {
            ailing = code;
        }
        if (Code.lost(code)) {
            throw new DeviceLostException(code);
        }
        return code;
    }
}
