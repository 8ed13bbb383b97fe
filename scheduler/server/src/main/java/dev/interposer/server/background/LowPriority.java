package dev.interposer.server.background;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Threads that the operating system lets run after others. On a machine that is nearly full, a thread of the decision
 * path that wakes up otherwise waits until a compiler or a coverage of losses has used up its slice, and a job passes
 * through six threads.
 *
 * <p>On Linux a nice value is of a thread, and anybody may raise that of their own; elsewhere nothing is done.
 */
public final class LowPriority {
    private static final int PROCESS = 0;
    private static final int CALLER = 0;
    private static final int BACKGROUND_NICE = 10;
    /** Compilers make the server fast: they come later than work, and not much later. */
    private static final int COMPILER_NICE = 5;

    private LowPriority() {}

    /** Threads in the background, by name. */
    public static ThreadFactory threads(String name) {
        return work -> daemon(name, work);
    }

    /** A thread in the background that is not started yet. */
    public static Thread daemon(String name, Runnable work) {
        return Thread.ofPlatform().daemon().name(name).unstarted(() -> {
            set(CALLER, BACKGROUND_NICE);
            work.run();
        });
    }

    /** The threads of the virtual machine that compile; those that it makes later inherit it. */
    public static void compilers() {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path thread : threads) {
                if (isCompiler(thread)) {
                    set(Integer.parseInt(thread.getFileName().toString()), COMPILER_NICE);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // Not Linux: they stay as they are.
        }
    }

    private static boolean isCompiler(Path thread) {
        try {
            String name = Files.readString(thread.resolve("comm"));
            return name.startsWith("C1 ") || name.startsWith("C2 ");
        } catch (IOException e) {
            // It has ended meanwhile, as compilers do.
            return false;
        }
    }

    private static void set(int thread, int nice) {
        MethodHandle call = SetPriority.CALL;
        if (call != null) {
            try {
                // Where it fails others are slower, and nothing is wrong.
                int _ = (int) call.invokeExact(PROCESS, thread, nice);
            } catch (Throwable e) {
                throw new IllegalStateException("setpriority(2) can't be called", e);
            }
        }
    }

    /** Found when it is needed first: making a handle takes a while. */
    private static final class SetPriority {
        private static final @Nullable MethodHandle CALL = find();

        @SuppressWarnings("restricted")
        private static @Nullable MethodHandle find() {
            // Elsewhere it would be the priority of the whole process.
            if (!System.getProperty("os.name").equals("Linux")) {
                return null;
            }
            Linker linker = Linker.nativeLinker();
            return linker.defaultLookup()
                    .find("setpriority")
                    .map(address -> linker.downcallHandle(
                            address,
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT)))
                    .orElse(null);
        }
    }
}
