package dev.interposer.cli.output;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * How far something is: one line on the error stream, for people only, from its third second on. What has no end that
 * is known shows how long it takes. Whoever prints meanwhile does so {@link #above} it.
 */
public final class Progress implements AutoCloseable {
    private static final long QUIET_NANOS = 2_000_000_000;
    private static final long REDRAW_MILLIS = 200;
    private static final int WIDTH = 40;
    private static final String CLEAR = "\r\033[K";

    private final PrintWriter err;
    private final LongSupplier nanos;
    private String what;
    private long total;
    private long done;
    private long begun;
    private boolean shown;
    private boolean closed;

    Progress(PrintWriter err, LongSupplier nanos, String what, long total) {
        this.err = err;
        this.nanos = nanos;
        this.what = what;
        this.total = total;
        this.begun = nanos.getAsLong();
    }

    /**
     * Begins to show it where a person sees the error stream, and nowhere else.
     *
     * @param total 0 if nobody knows
     */
    public static Progress of(String what, long total) {
        Progress progress =
                new Progress(new PrintWriter(System.err, false, StandardCharsets.UTF_8), System::nanoTime, what, total);
        if (Terminal.showsProgress()) {
            Thread drawing = new Thread(progress::draw, "progress");
            drawing.setDaemon(true);
            drawing.start();
        }
        return progress;
    }

    /** While that is done, however long it takes. */
    public static <T> T during(String what, Supplier<T> call) {
        Progress progress = of(what, 0);
        try {
            return call.get();
        } finally {
            progress.close();
        }
    }

    /** Something else begins. */
    public synchronized void about(String next, long ofTotal) {
        what = next;
        total = ofTotal;
        done = 0;
        begun = nanos.getAsLong();
        clear();
    }

    public synchronized void at(long soFar) {
        done = soFar;
    }

    /** Prints something that is to stay. */
    public synchronized void above(Runnable print) {
        clear();
        print.run();
    }

    @Override
    public synchronized void close() {
        closed = true;
        clear();
        notifyAll();
    }

    private synchronized void draw() {
        try {
            while (!closed) {
                tick();
                wait(REDRAW_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized void tick() {
        long passed = nanos.getAsLong() - begun;
        if (passed >= QUIET_NANOS) {
            shown = true;
            err.print(CLEAR + text(passed / 1_000_000_000));
            err.flush();
        }
    }

    private String text(long seconds) {
        if (total <= 0) {
            return what + " … " + seconds + " s";
        }
        int filled = (int) (WIDTH * Math.min(done, total) / total);
        return "█".repeat(filled) + "░".repeat(WIDTH - filled) + " " + 100 * Math.min(done, total) / total + " % "
                + what;
    }

    private void clear() {
        if (shown) {
            shown = false;
            err.print(CLEAR);
            err.flush();
        }
    }
}
