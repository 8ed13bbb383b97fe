package dev.interposer.server.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.quarkus.logging.Log;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What is to be looked at in one cluster, each thing once however often it changed, by a few threads and never by two
 * at once. A thing that fails is looked at again, later each time.
 */
public final class WorkQueue {
    private static final long FIRST_PAUSE_MILLIS = 250;
    private static final long LONGEST_PAUSE_MILLIS = 30_000;
    private static final int MOST_DOUBLINGS = 7;

    private final Consumer<String> work;
    private final Set<String> waiting = new LinkedHashSet<>();
    private final Set<String> underWay = new HashSet<>();

    /** Changed while somebody looked at it. */
    private final Set<String> again = new HashSet<>();

    private final Set<String> later = new HashSet<>();
    private final Map<String, Integer> failures = new HashMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private final ScheduledExecutorService timer;
    private boolean closed;

    public WorkQueue(String name, int threadCount, Consumer<String> work) {
        this.work = work;
        for (int number = 0; number < threadCount; number++) {
            threads.add(Thread.ofPlatform().name(name + "-" + number).daemon().unstarted(this::run));
        }
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name(name + "-timer").daemon().factory());
    }

    void start() {
        threads.forEach(Thread::start);
    }

    void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        timer.shutdownNow();
        threads.forEach(Thread::interrupt);
    }

    public synchronized void add(String key) {
        if (closed) {
            return;
        }
        if (underWay.contains(key)) {
            again.add(key);
        } else if (waiting.add(key)) {
            notifyAll();
        }
    }

    /** Adds it after a while; several such calls are one. */
    public synchronized void addLater(String key, long millis) {
        if (!closed && later.add(key)) {
            var future = timer.schedule(() -> due(key), millis, TimeUnit.MILLISECONDS);
            if (future.isCancelled()) {
                later.remove(key);
            }
        }
    }

    /** Adds it after a pause that grows with each failure. */
    public void failed(String key) {
        int times;
        synchronized (this) {
            times = failures.merge(key, 1, Integer::sum);
        }
        addLater(key, Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(times, MOST_DOUBLINGS)));
    }

    public synchronized void succeeded(String key) {
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
        String key = waiting.iterator().next();
        waiting.remove(key);
        underWay.add(key);
        return key;
    }

    private synchronized void done(String key) {
        underWay.remove(key);
        if (again.remove(key)) {
            add(key);
        }
    }

    private void run() {
        while (true) {
            String key;
            try {
                key = next();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            try {
                work.accept(key);
            } catch (KubernetesClientException e) {
                Log.warnf("%s: the API server refused; again later: %s", key, e.getMessage());
                failed(key);
            } catch (RuntimeException e) {
                // One object that nobody thought of must not keep the others from being looked at.
                Log.errorf(e, "%s can't be looked at; again later", key);
                failed(key);
            } finally {
                done(key);
            }
        }
    }
}
