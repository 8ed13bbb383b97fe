package dev.interposer.server.loop;

import dev.interposer.control.port.Ledger;
import dev.interposer.control.port.LedgerException;
import dev.interposer.control.port.Page;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Appends pages one after another on a thread of its own, never two within a millisecond. */
final class LedgerWriter {
    private static final long FLOOR_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Ledger ledger;
    private final Timer timer;
    private final BlockingQueue<Page> pages = new LinkedBlockingQueue<>();
    private final Consumer<Result> done;
    private final Thread thread;

    /** A page, and why it was not written; null if it was. */
    record Result(LedgerWriter writer, Page page, @Nullable LedgerException failure) {}

    LedgerWriter(Ledger ledger, Timer timer, Consumer<Result> done) {
        this.ledger = ledger;
        this.timer = timer;
        this.done = done;
        this.thread = Thread.ofPlatform().name("ledger-writer").daemon().start(this::run);
    }

    void write(Page page) {
        pages.add(page);
    }

    /** Writes nothing more; an append under way ends as it does. */
    void stop() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                Page page = pages.take();
                long begun = System.nanoTime();
                LedgerException failure = append(page);
                long took = System.nanoTime() - begun;
                timer.record(took, TimeUnit.NANOSECONDS);
                done.accept(new Result(this, page, failure));
                if (failure != null) {
                    return;
                }
                if (took < FLOOR_NANOS) {
                    TimeUnit.NANOSECONDS.sleep(FLOOR_NANOS - took);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable LedgerException append(Page page) {
        try {
            ledger.append(page);
            return null;
        } catch (LedgerException e) {
            return e;
        } catch (RuntimeException e) {
            return new LedgerException(LedgerException.Kind.UNKNOWN, "the append failed: " + e.getMessage(), e);
        }
    }
}
