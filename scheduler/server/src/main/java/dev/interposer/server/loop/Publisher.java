package dev.interposer.server.loop;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * The thread on which everything leaves: answers, orders, changes for those who watch, in the order of the pages.
 *
 * <p>Done on the loop, as it first was, the making of messages took as long as deciding and folding together, and every
 * job waited for the messages of those before. The bound on pages that wait here is kept by the loop, which forms none
 * while too many do.
 */
final class Publisher {
    private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final Thread thread = Thread.ofPlatform().name("publisher").daemon().unstarted(this::run);
    private final Consumer<RuntimeException> failed;
    private volatile boolean closed;

    /** @param failed told of a task that failed; what comes after it is thrown away until {@link #drain} */
    Publisher(Consumer<RuntimeException> failed) {
        this.failed = failed;
    }

    void start() {
        thread.start();
    }

    /** Runs it after all that came before; at once when called from a task. */
    void publish(Runnable task) {
        if (Thread.currentThread() == thread) {
            task.run();
        } else {
            tasks.add(task);
        }
    }

    /** Waits until all that came before is done or thrown away; not at all if nothing was ever begun. */
    void drain() {
        if (!thread.isAlive()) {
            return;
        }
        CountDownLatch drained = new CountDownLatch(1);
        tasks.add(new Drained(drained));
        boolean interrupted = false;
        while (true) {
            try {
                drained.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The end of a term: what failed in it keeps nothing of the next one from leaving. */
    private record Drained(CountDownLatch latch) implements Runnable {
        @Override
        public void run() {
            latch.countDown();
        }
    }

    /** Ends when what is there is done. */
    void close() {
        publish(() -> closed = true);
    }

    private void run() {
        boolean broken = false;
        while (!closed) {
            try {
                Runnable task = tasks.take();
                broken &= !(task instanceof Drained);
                if (!broken) {
                    task.run();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                broken = true;
                failed.accept(e);
            }
        }
    }
}
