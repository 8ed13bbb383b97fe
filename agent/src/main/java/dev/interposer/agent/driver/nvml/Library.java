package dev.interposer.agent.driver.nvml;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.interposer.agent.driver.DriverException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The library in this process. A function that it lacks answers {@link Code#FUNCTION_NOT_FOUND}, as one that a device
 * lacks answers {@link Code#NOT_SUPPORTED}: both are less that can be told, and no error.
 */
final class Library {
    private static final int MOST_ARGUMENTS = 5;

    /**
     * Of every function, whatever its own parameters are: each of them is an integer or an address, of which 64-bit
     * Linux passes the first six in registers, whole ones, and a function looks at no more of them than it has. With a
     * shape of its own each function costs the JVM 20 to 40 classes, which were a twelfth of the agent's memory.
     */
    private static final FunctionDescriptor SHAPE =
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private final String name;
    private final Map<Call, MethodHandle> functions;
    private final Map<Call, String> symbols;

    private final Object gate = new Object();
    private boolean closed;
    private int callsInside;

    private Library(String name, Map<Call, MethodHandle> functions, Map<Call, String> symbols) {
        this.name = name;
        this.functions = functions;
        this.symbols = symbols;
    }

    /** Empty if there is none of that name. It stays loaded while the process lives: a call may never return. */
    @SuppressWarnings("restricted")
    static Optional<Library> load(String name) throws DriverException {
        boolean path = name.contains("/");
        if (path && !Files.exists(Path.of(name))) {
            return Optional.empty();
        }
        SymbolLookup symbols;
        try {
            symbols = path
                    ? SymbolLookup.libraryLookup(Path.of(name), Arena.global())
                    : SymbolLookup.libraryLookup(name, Arena.global());
        } catch (IllegalArgumentException e) {
            if (path) {
                throw new DriverException(
                        "nvml.library (" + name + ") is there and can't be loaded: is it a library"
                                + " for this processor?",
                        e);
            }
            return Optional.empty();
        }
        Map<Call, MethodHandle> functions = new EnumMap<>(Call.class);
        Map<Call, String> names = new EnumMap<>(Call.class);
        for (Call call : Call.values()) {
            for (String symbol : call.names()) {
                Optional<MemorySegment> address = symbols.find(symbol);
                if (address.isPresent()) {
                    functions.put(call, Linker.nativeLinker().downcallHandle(address.get(), SHAPE));
                    names.put(call, symbol);
                    break;
                }
            }
        }
        for (Call call : Call.REQUIRED) {
            if (!functions.containsKey(call)) {
                throw new DriverException("nvml.library (" + name + ") has no " + call.function()
                        + ": is it NVIDIA's management library?");
            }
        }
        return Optional.of(new Library(name, functions, names));
    }

    String name() {
        return name;
    }

    /** Which of the names of a call it has; empty if none. */
    String symbol(Call call) {
        return symbols.getOrDefault(call, "");
    }

    boolean has(Call call) {
        return functions.containsKey(call);
    }

    /** The library's code. Arguments are addresses that stay alive until it returns, and boxed integers. */
    int call(Call call, Object... arguments) {
        MethodHandle function = functions.get(call);
        if (function == null) {
            return Code.FUNCTION_NOT_FOUND;
        }
        synchronized (gate) {
            if (closed) {
                return Code.UNINITIALIZED;
            }
            callsInside++;
        }
        try {
            long[] words = words(arguments);
            return (int) function.invokeExact(words[0], words[1], words[2], words[3], words[4]);
        } catch (Error | RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a call of " + call + " failed", e);
        } finally {
            synchronized (gate) {
                callsInside--;
                gate.notifyAll();
            }
        }
    }

    private static long[] words(Object[] arguments) {
        long[] words = new long[MOST_ARGUMENTS];
        for (int at = 0; at < arguments.length; at++) {
            words[at] = switch (arguments[at]) {
                case MemorySegment segment -> segment.address();
                case Integer number -> number;
                case Long number -> number;
                default -> throw new IllegalArgumentException("argument " + at + " is a " + arguments[at].getClass());
            };
        }
        return words;
    }

    /**
     * Lets nobody in from now on and shuts the library down, which must not happen while someone is inside.
     *
     * @return whether that was done within the time
     */
    boolean close(long millis) {
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        synchronized (gate) {
            if (closed) {
                return true;
            }
            closed = true;
            try {
                for (long left = millis; callsInside > 0; left = millisUntil(deadlineNanos)) {
                    if (left <= 0) {
                        return false;
                    }
                    gate.wait(left);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        MethodHandle shutdown = functions.get(Call.SHUTDOWN);
        return shutdown == null || endsWithin(shutdown, deadlineNanos);
    }

    /** On a thread of its own, for it may hang like any other call. */
    private static boolean endsWithin(MethodHandle shutdown, long deadlineNanos) {
        Thread thread = Thread.ofPlatform().daemon().name("nvml-shutdown").start(() -> {
            try {
                int ignored = (int) shutdown.invokeExact(0L, 0L, 0L, 0L, 0L);
            } catch (Throwable e) {
                throw new IllegalStateException("the library could not be shut down", e);
            }
        });
        try {
            return thread.join(Duration.ofMillis(Math.max(1, millisUntil(deadlineNanos))));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static long millisUntil(long deadlineNanos) {
        return TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
    }
}
