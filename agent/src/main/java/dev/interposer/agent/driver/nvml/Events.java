package dev.interposer.agent.driver.nvml;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.driver.Signal.Kind;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Waits in the library, on a thread of its own, for what it tells by itself: errors by number (XID), and of memory. */
final class Events {
    private static final Logger LOG = System.getLogger(Events.class.getName());
    private static final long DOUBLE_BIT = 0x2;
    private static final long XID = 0x8;
    private static final long SINGLE_BIT_STORM = 0x200;
    private static final long WANTED = DOUBLE_BIT | XID | SINGLE_BIT_STORM;
    private static final int NO_INSTANCE = -1;

    private final Library library;
    private final int waitMillis;
    private final Consumer<Signal> told;
    private final Thread thread;
    private final CountDownLatch ending = new CountDownLatch(1);

    /** Chips that were ever there, by the address of their handle; the library gives the same one always. */
    private final Map<Long, List<Unit>> units = new ConcurrentHashMap<>();

    /** Handles of those that were there at the last look. */
    private volatile List<MemorySegment> present = List.of();
    /** A look at what there is was made since the thread last asked for events. */
    private volatile boolean looked;
    /** Of the thread alone: addresses of the chips whose events come into the present set. */
    private final Set<Long> registered = new HashSet<>();
    /** Of the thread alone: why a chip's events do not come, so that it is logged once. */
    private final Map<Long, Integer> refused = new HashMap<>();

    Events(Library library, int waitMillis, Consumer<Signal> told) {
        this.library = library;
        this.waitMillis = waitMillis;
        this.told = told;
        this.thread = Thread.ofPlatform().daemon().name("nvml-events").unstarted(this::run);
    }

    void start() {
        boolean able = library.has(Call.EVENT_SET) && library.has(Call.EVENT_REGISTER) && library.has(Call.EVENT_WAIT);
        if (able) {
            thread.start();
        } else {
            LOG.log(Level.WARNING, "nvml: {0} tells no events; XIDs will not be seen", library.name());
        }
    }

    /** Tells whom the events that come are about; of chips that tell none yet they are asked for from now on. */
    void know(Collection<Unit> all) {
        List<MemorySegment> chips = new ArrayList<>();
        for (Unit unit : all) {
            if (unit.whole()) {
                List<Unit> ofChip = all.stream()
                        .filter(other -> other.chip().equals(unit.handle()))
                        .toList();
                units.put(unit.handle().address(), ofChip);
                chips.add(unit.handle());
            }
        }
        present = List.copyOf(chips);
        looked = true;
    }

    /** Asks the thread to end, which it does when the library lets go of it, and waits at most so long. */
    void close(long millis) {
        ending.countDown();
        if (!thread.isAlive() || Thread.currentThread() == thread) {
            return;
        }
        try {
            thread.join(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits with a set of chips until that fails, and then with a new one: the library answers for all of a set with
     * the loss of one, and tells nothing of the others any more.
     */
    private void run() {
        int failed = Code.SUCCESS;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment place = arena.allocate(ADDRESS);
            MemorySegment event = arena.allocate(Structures.EVENT);
            while (ending.getCount() > 0) {
                int code = library.call(Call.EVENT_SET, place);
                if (code == Code.SUCCESS) {
                    MemorySegment set = place.get(ADDRESS, 0);
                    registered.clear();
                    looked = true;
                    code = follow(set, event);
                    library.call(Call.EVENT_SET_FREE, set);
                }
                if (ending.getCount() > 0 && code != failed) {
                    LOG.log(Level.WARNING, "nvml: no events, so XIDs are not seen meanwhile: {0}", Code.words(code));
                }
                failed = code;
                ending.await(waitMillis, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns the code by which the library tells no more of this set. */
    private int follow(MemorySegment set, MemorySegment event) {
        int code = Code.SUCCESS;
        while (ending.getCount() > 0 && (code == Code.SUCCESS || code == Code.TIMEOUT)) {
            if (looked) {
                looked = false;
                register(set);
            }
            // An older library does not write the last two fields.
            event.asSlice(offset("gpuInstanceId")).fill((byte) 0xff);
            code = library.call(Call.EVENT_WAIT, set, event, waitMillis);
            if (code == Code.SUCCESS) {
                tell(signals(event));
            }
        }
        return code;
    }

    private void tell(List<Signal> signals) {
        try {
            signals.forEach(told);
        } catch (RuntimeException e) {
            // The next event is not lost for it.
            LOG.log(Level.ERROR, "nvml: whoever listens failed at " + signals, e);
        }
    }

    /** One that refuses is asked anew after each look at what there is. */
    private void register(MemorySegment set) {
        for (MemorySegment chip : present) {
            if (registered.contains(chip.address())) {
                continue;
            }
            int code = library.call(Call.EVENT_REGISTER, chip, types(chip), set);
            if (code == Code.SUCCESS) {
                registered.add(chip.address());
                refused.remove(chip.address());
            } else if (!Objects.equals(refused.put(chip.address(), code), code)) {
                LOG.log(
                        Level.WARNING,
                        "nvml: no events of {0}, so its XIDs are not seen: {1}",
                        name(chip),
                        Code.words(code));
            }
        }
    }

    /** To ask for one that a chip does not tell would be refused altogether. */
    private long types(MemorySegment chip) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment supported = arena.allocate(JAVA_LONG);
            int code = library.call(Call.EVENT_TYPES, chip, supported);
            return code == Code.SUCCESS ? supported.get(JAVA_LONG, 0) & WANTED : XID;
        }
    }

    private String name(MemorySegment chip) {
        return units.getOrDefault(chip.address(), List.of()).stream()
                .filter(Unit::whole)
                .map(Unit::name)
                .findFirst()
                .orElse("a device");
    }

    private List<Signal> signals(MemorySegment event) {
        long type = event.get(JAVA_LONG, offset("eventType"));
        long data = event.get(JAVA_LONG, offset("eventData"));
        int instance = event.get(JAVA_INT, offset("gpuInstanceId"));
        List<Unit> ofChip = ofChip(event.get(ADDRESS, offset("device")), type, data);
        List<Unit> ofInstance = instance == NO_INSTANCE
                ? List.of()
                : ofChip.stream().filter(unit -> unit.instance() == instance).toList();
        // What one instance did is no fault of its neighbours; what can't be told apart is the whole chip's.
        List<Unit> struck =
                ofInstance.isEmpty() ? ofChip.stream().filter(Unit::whole).toList() : ofInstance;
        return struck.stream().map(unit -> signal(unit.name(), type, data)).toList();
    }

    /** By its handle or, of a handle that no look has given, by its name. */
    private List<Unit> ofChip(MemorySegment handle, long type, long data) {
        List<Unit> known = units.get(handle.address());
        if (known != null) {
            return known;
        }
        String name = "";
        try {
            name = new Queries(library).text(Call.UUID, handle).orElse("");
        } catch (DeviceLostException e) {
            LOG.log(Level.DEBUG, "nvml: a device that told an event does not say its name", e);
        }
        for (List<Unit> ofChip : units.values()) {
            for (Unit unit : ofChip) {
                if (unit.name().equals(name)) {
                    return ofChip;
                }
            }
        }
        LOG.log(
                Level.WARNING,
                "nvml: an event of type {0} with number {1} is of a device that is not known: {2}",
                type,
                data,
                name.isEmpty() ? handle : name);
        return List.of();
    }

    private static Signal signal(String device, long type, long data) {
        if (type == DOUBLE_BIT) {
            return Signal.raised(device, Kind.ECC_UNCORRECTED, "double-bit", "an error of two bits in memory");
        }
        if (type == SINGLE_BIT_STORM) {
            return Signal.raised(device, Kind.ECC_CORRECTED, "storm", "the driver reports a storm of corrected errors");
        }
        return Signal.raised(device, Kind.XID, Long.toString(data), "XID " + data + ": " + meaning(data));
    }

    /** The commonest of NVIDIA's list of XID errors. */
    private static String meaning(long xid) {
        return switch ((int) xid) {
            case 13 -> "an exception in a kernel, mostly the program's";
            case 31 -> "a memory page fault, mostly the program's";
            case 43 -> "the program's channel was stopped";
            case 45 -> "channels were torn down after another error";
            case 48 -> "a memory error of two bits";
            case 63 -> "a row or page of memory is replaced";
            case 64 -> "a row or page of memory could not be replaced";
            case 74 -> "an NVLink error";
            case 79 -> "the device has fallen off the bus";
            case 92 -> "many corrected memory errors";
            case 94 -> "an uncorrected memory error, contained to one program";
            case 95 -> "an uncorrected memory error, not contained";
            case 119, 120 -> "the device's system processor does not answer or failed";
            default -> "see NVIDIA's list of XID errors";
        };
    }

    private static long offset(String field) {
        return Structures.EVENT.byteOffset(PathElement.groupElement(field));
    }
}
