package dev.interposer.server.loop;

import dev.interposer.control.lease.LeaseKeeper;
import dev.interposer.control.port.LeaseStore;
import dev.interposer.control.port.LedgerException;
import dev.interposer.server.config.ServerConfig;
import io.quarkus.logging.Log;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The lease, kept on a thread of its own: a database that does not answer must not hold up the loop. */
final class LeaseHolder {
    private static final long STEP_MILLIS = 50;

    private final LeaseKeeper keeper;
    private final BooleanSupplier wanted;
    private volatile boolean closed;

    /** @param wanted whether this server could lead; asked before each step */
    LeaseHolder(LeaseStore store, String holder, ServerConfig.Lease config, BooleanSupplier wanted) {
        this.keeper = new LeaseKeeper(
                store, holder, config.duration().toMillis(), config.margin().toMillis());
        this.wanted = wanted;
    }

    void start() {
        Thread.ofPlatform().name("lease").daemon().start(this::keep);
    }

    private void keep() {
        while (!closed) {
            try {
                if (wanted.getAsBoolean()) {
                    synchronized (keeper) {
                        keeper.step(millis());
                    }
                }
                TimeUnit.MILLISECONDS.sleep(STEP_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Epoch that this server leads in, or 0; never waits. */
    long epoch() {
        return keeper.epoch(millis());
    }

    /** How long nobody had led when this server last began to, milliseconds. */
    long vacantMillis() {
        return keeper.vacantMillis();
    }

    /** Leads no more, whatever the database says. */
    void abandon() {
        synchronized (keeper) {
            keeper.abandon();
        }
    }

    /** No more steps are taken. */
    void close() {
        closed = true;
    }

    /** Gives the lease up, so that another need not wait for its end. */
    void release() {
        try {
            synchronized (keeper) {
                keeper.release();
            }
        } catch (LedgerException e) {
            Log.warnf("the lease was not released: %s", e.getMessage());
        }
    }

    private static long millis() {
        return System.nanoTime() / 1_000_000;
    }
}
