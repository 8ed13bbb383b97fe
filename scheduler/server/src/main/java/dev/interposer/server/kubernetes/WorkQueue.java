package dev.interposer.server.kubernetes;

import io.quarkus.logging.Log;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What is to be looked at in one cluster, each thing once however often it changed, one after the other on one thread.
 * A thing that fails is looked at again, later each time.
 */
final class WorkQueue {
    private static final long FIRST_PAUSE_MILLIS = 250;
    private static final long LONGEST_PAUSE_MILLIS = 30_000;
    private static final int MOST_DOUBLINGS = 7;

    private final Consumer<String> work;
    private final Map<String, Boolean> waiting = new LinkedHashMap<>();
    private final Set<String> later = new HashSet<>();
    private final Map<String, Integer> failures = new HashMap<>();
    private final Thread thread;
    private final ScheduledExecutorService timer;
    private boolean closed;

    WorkQueue(String name, Consumer<String> work) {
        this.work = work;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name(name + "-timer").daemon().factory());
    }

    void start() {
        thread.start();
    }

    void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        timer.shutdownNow();
        thread.interrupt();
    }

    synchronized void add(String key) {
        if (!closed && waiting.putIfAbsent(key, true) == null) {
            notifyAll();
        }
    }

    /** Adds it after a while; several such calls are one. */
    synchronized void addLater(String key, long millis) {
        if (!closed && later.add(key)) {
            var future = timer.schedule(() -> due(key), millis, TimeUnit.MILLISECONDS);
            if (future.isCancelled()) {
                later.remove(key);
            }
        }
    }

    /** Adds it after a pause that grows with each failure. */
    void failed(String key) {
        int times;
        synchronized (this) {
            times = failures.merge(key, 1, Integer::sum);
        }
        addLater(key, Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(times, MOST_DOUBLINGS)));
    }

    synchronized void succeeded(String key) {
        failures.remove(key);
    }

    /** Things that wait now. */
    synchronized int size() {
        return waiting.size();
    }

    private void due(String key) {
        synchronized (this) {
            later.remove(key);
        }
        add(key);
    }

    private synchronized String next() throws InterruptedException {
        while (waiting.isEmpty()) {
            if (closed) {
                throw new InterruptedException();
            }
            wait();
        }
        String key = waiting.keySet().iterator().next();
        waiting.remove(key);
        return key;
    }

    private void run() {
        while (true) {
            try {
                String key = next();
                try {
                    work.accept(key);
                } catch (RuntimeException e) {
                    // One object that nobody thought of must not keep the others from being looked at.
                    Log.errorf(e, "%s can't be looked at; again later", key);
                    failed(key);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
