package dev.interposer.agent.driver.nvml;

import dev.interposer.agent.driver.DriverException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
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
                    functions.put(call, Linker.nativeLinker().downcallHandle(address.get(), shape(call)));
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

    private static FunctionDescriptor shape(Call call) {
        MemoryLayout[] parameters = call.parameters()
                .chars()
                .mapToObj(letter -> switch (letter) {
                    case 'p' -> ValueLayout.ADDRESS;
                    case 'i' -> ValueLayout.JAVA_INT;
                    case 'l' -> ValueLayout.JAVA_LONG;
                    default -> throw new IllegalStateException("parameters of " + call + " hold " + (char) letter);
                })
                .toArray(MemoryLayout[]::new);
        return FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters);
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

    /** The library's code. Arguments are addresses and boxed integers, as {@link Call#parameters()} says. */
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
            return (int) function.invokeWithArguments(arguments);
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
                int ignored = (int) shutdown.invokeExact();
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
