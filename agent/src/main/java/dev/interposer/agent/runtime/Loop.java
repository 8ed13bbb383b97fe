package dev.interposer.agent.runtime;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * The one thread on which an agent thinks. What fails in one task is logged and ends no other; an error of the virtual
 * machine, which no task is to blame for, ends the agent.
 *
 * <p>An executor of the JDK locks, and wakes its thread, at every task; with thousands of nodes in a process that took
 * more time than the tasks did. This one is woken only when it sleeps.
 */
public final class Loop {
    private static final Logger LOG = System.getLogger(Loop.class.getName());
    private static final long MOST_SLEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Tasks in a row after which the timers have their turn. */
    private static final int TURN = 1024;

    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean asleep = new AtomicBoolean();
    /** Of the thread alone. */
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();

    private final Thread thread = Thread.ofPlatform().name("agent-loop").unstarted(this::run);
    private final AtomicBoolean begun = new AtomicBoolean();
    private final Fatal fatal;
    private volatile boolean closed;

    public Loop() {
        this(Fatal::halt);
    }

    Loop(Fatal fatal) {
        this.fatal = fatal;
    }

    /** Something that may be called off. */
    public interface Scheduled {
        void cancel();
    }

    private static final class Timer implements Scheduled, Comparable<Timer> {
        final Runnable task;
        /** 0 for once. */
        final long everyNanos;

        long dueNanos;
        private volatile boolean cancelled;

        Timer(Runnable task, long dueNanos, long everyNanos) {
            this.task = task;
            this.dueNanos = dueNanos;
            this.everyNanos = everyNanos;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public int compareTo(Timer other) {
            return Long.signum(dueNanos - other.dueNanos);
        }
    }

    /** Runs it after all that came before; nothing is taken once the loop is closed. */
    public void execute(Runnable task) {
        if (closed) {
            return;
        }
        tasks.add(task);
        if (!begun.get() && begun.compareAndSet(false, true)) {
            thread.start();
        } else if (asleep.get() && asleep.compareAndSet(true, false)) {
            LockSupport.unpark(thread);
        }
    }

    /** What it answers, on the loop; never, once the loop is closed. */
    public <T> CompletableFuture<T> ask(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        execute(() -> {
            try {
                answer.complete(question.get());
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            } catch (Error e) {
                answer.completeExceptionally(e);
                throw e;
            }
        });
        return answer;
    }

    public Scheduled after(long millis, Runnable task) {
        return add(new Timer(task, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), 0));
    }

    public Scheduled every(long millis, Runnable task) {
        long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
        return add(new Timer(task, System.nanoTime() + nanos, nanos));
    }

    private Scheduled add(Timer timer) {
        if (Thread.currentThread() == thread) {
            timers.add(timer);
        } else {
            execute(() -> timers.add(timer));
        }
        return timer;
    }

    /** Runs a last task and ends; waits for it at most so long. */
    public void close(Runnable last, long millis) {
        if (closed) {
            return;
        }
        CountDownLatch done = new CountDownLatch(1);
        execute(() -> {
            guard(last);
            done.countDown();
        });
        try {
            if (!done.await(millis, TimeUnit.MILLISECONDS)) {
                LOG.log(Level.WARNING, "the agent did not end cleanly in {0} ms", millis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closed = true;
        thread.interrupt();
    }

    private void run() {
        try {
            turns();
        } catch (Throwable e) {
            fatal.end("the agent's loop failed", e);
        }
    }

    private void turns() {
        while (!closed) {
            for (int taken = 0; taken < TURN; taken++) {
                Runnable task = tasks.poll();
                if (task == null) {
                    break;
                }
                guard(task);
            }
            fireTimers();
            sleep();
        }
    }

    private void fireTimers() {
        long now = System.nanoTime();
        for (Timer timer = timers.peek(); timer != null && timer.dueNanos - now <= 0; timer = timers.peek()) {
            timers.remove();
            if (timer.cancelled) {
                continue;
            }
            if (timer.everyNanos > 0) {
                // What was missed while the thread was held up is not made up for.
                long next = timer.dueNanos + timer.everyNanos;
                timer.dueNanos = next - now < 0 ? now + timer.everyNanos : next;
                timers.add(timer);
            }
            guard(timer.task);
        }
    }

    /** Until a task comes or a timer is due; whoever adds a task after the look at the queue finds us asleep. */
    private void sleep() {
        Timer next = timers.peek();
        long nanos = next == null ? MOST_SLEEP_NANOS : Math.min(MOST_SLEEP_NANOS, next.dueNanos - System.nanoTime());
        asleep.set(true);
        if (tasks.isEmpty() && nanos > 0 && !closed) {
            LockSupport.parkNanos(this, nanos);
        }
        asleep.set(false);
    }

    private static void guard(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a task of the agent failed", e);
        }
    }
}
