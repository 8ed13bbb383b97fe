package dev.interposer.agent.runtime;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The one thread on which an agent thinks. What fails in one task is logged and ends no other. */
public final class Loop {
    private static final Logger LOG = System.getLogger(Loop.class.getName());

    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("agent-loop").factory());

    /** Something that may be called off. */
    public interface Scheduled {
        void cancel();
    }

    public void execute(Runnable task) {
        if (!executor.isShutdown()) {
            executor.execute(guarded(task));
        }
    }

    public Scheduled after(long millis, Runnable task) {
        Future<?> future = executor.schedule(guarded(task), millis, TimeUnit.MILLISECONDS);
        return () -> future.cancel(false);
    }

    public Scheduled every(long millis, Runnable task) {
        Future<?> future = executor.scheduleAtFixedRate(guarded(task), millis, millis, TimeUnit.MILLISECONDS);
        return () -> future.cancel(false);
    }

    /** Runs a last task and ends; waits for it at most so long. */
    public void close(Runnable last, long millis) {
        try {
            executor.submit(guarded(last)).get(millis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.WARNING, "the agent did not end cleanly", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        executor.shutdownNow();
    }

    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "a task of the agent failed", e);
            }
        };
    }
}
