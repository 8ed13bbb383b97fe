package dev.interposer.agent.driver.plugin;

import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.driver.Signal.Kind;
import dev.interposer.agent.driver.Standing;
import dev.interposer.proto.driver.v1.Device;
import dev.interposer.proto.driver.v1.Health;
import dev.interposer.proto.driver.v1.HealthState;
import dev.interposer.proto.driver.v1.IdentifyResponse;
import dev.interposer.proto.driver.v1.InventoryEvent;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds a plugin, keeps its inventory, notices that it is away, and finds it again: one thread, one connection a life
 * of the plugin. A plugin that comes and goes is waited for longer each time, until it stayed.
 */
final class PluginWatch implements AutoCloseable {
    private static final Logger LOG = System.getLogger(PluginWatch.class.getName());
    private static final long LEAST_WAIT_MILLIS = 100;
    private static final long MOST_WAIT_MILLIS = 5_000;
    private static final long STAYED_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final PluginConfig config;
    private final Standing standing;
    private final Thread thread;
    private String name;
    private @Nullable PluginInventory inventory;
    private @Nullable PluginCalls calls;
    private String trouble = "it was not asked yet";
    private long wellNanos = System.nanoTime();
    private long waitMillis = LEAST_WAIT_MILLIS;
    private boolean identified;
    private boolean closed;

    PluginWatch(PluginConfig config, Standing standing) {
        this.config = config;
        this.standing = standing;
        this.name = config.socket().getFileName().toString().replaceFirst("\\.sock$", "");
        this.thread = Thread.ofPlatform().daemon().name("plugin-" + name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    synchronized String name() {
        return name;
    }

    /** The last one; waits for the first as long as for a call. */
    synchronized PluginInventory inventory() throws DriverException {
        long end = System.nanoTime() + config.callDeadline().toNanos();
        try {
            while (inventory == null && !closed) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    break;
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (inventory == null) {
            throw new DriverException("plugin " + name + " at " + config.socket() + " has no inventory: " + trouble);
        }
        return inventory;
    }

    /** The last one, as long as it may still be true: of a plugin that was away for long nobody knows what it has. */
    synchronized PluginInventory present() throws DriverException {
        PluginInventory known = inventory();
        if (calls == null && System.nanoTime() - wellNanos >= config.lostAfter().toNanos()) {
            throw new DriverException("plugin " + name + " at " + config.socket() + " is away: " + trouble);
        }
        return known;
    }

    /** Those of the plugin's present life. */
    synchronized PluginCalls calls() throws PluginFailure {
        if (calls == null) {
            throw PluginFailure.contract("it is away: " + trouble);
        }
        return calls;
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
        thread.interrupt();
    }

    private void run() {
        try {
            while (!isClosed()) {
                long begunNanos = System.nanoTime();
                away(life(), begunNanos);
            }
        } catch (InterruptedException e) {
            // Only close interrupts.
            Thread.currentThread().interrupt();
        }
    }

    /** Says that it is over before the connection is closed: who asks meanwhile shall hear why. */
    private PluginFailure life() throws InterruptedException {
        try (PluginCalls life = new PluginCalls(config)) {
            PluginFailure end;
            try {
                live(life);
                end = PluginFailure.contract("it was left");
            } catch (PluginFailure e) {
                end = e;
            } catch (RuntimeException e) {
                // Whatever a plugin made us stumble over, it is looked for again: the thread is the only one it has.
                LOG.log(Level.ERROR, "what plugin " + name() + " says can't be taken in", e);
                end = PluginFailure.contract("what it says can't be taken in: " + e);
            }
            over(end);
            return end;
        }
    }

    private synchronized void over(PluginFailure failure) {
        if (!failure.words().equals(trouble) && !closed) {
            LOG.log(Level.WARNING, "plugin {0} at {1} is away: {2}", name, config.socket(), failure.words());
        }
        calls = null;
        trouble = failure.words();
    }

    /** From the first answer to the first failure. */
    private void live(PluginCalls life) throws PluginFailure, InterruptedException {
        identified(life.identify());
        PluginCalls.Watch events = life.watch();
        InventoryEvent first = events.next(config.callDeadline());
        if (first == null) {
            throw PluginFailure.silent("WatchInventory", config.callDeadline());
        }
        if (!first.hasInventory()) {
            throw PluginFailure.contract("the first event of WatchInventory must be an inventory");
        }
        apply(first, life);
        long pingNanos = System.nanoTime() + config.pingEvery().toNanos();
        while (!isClosed()) {
            InventoryEvent event = events.next(Duration.ofNanos(Math.max(0, pingNanos - System.nanoTime())));
            if (event != null) {
                apply(event, life);
            }
            if (System.nanoTime() - pingNanos >= 0) {
                identified(life.identify());
                well();
                pingNanos = System.nanoTime() + config.pingEvery().toNanos();
            }
        }
    }

    private synchronized void identified(IdentifyResponse answer) throws PluginFailure {
        PluginFailure.ifAny(Contract.identity(answer));
        if (identified && !answer.getName().equals(name)) {
            throw PluginFailure.contract("name (" + answer.getName() + ") must always be the same, and was " + name);
        }
        identified = true;
        name = answer.getName();
    }

    private synchronized void well() {
        wellNanos = System.nanoTime();
    }

    private synchronized void apply(InventoryEvent event, PluginCalls life) throws PluginFailure {
        switch (event.getBodyCase()) {
            case INVENTORY -> {
                PluginFailure.ifAny(Contract.inventory(event.getInventory()));
                replace(new PluginInventory(name, event.getInventory()), life);
            }
            case HEALTH -> {
                PluginInventory known = inventory;
                if (known == null) {
                    throw PluginFailure.contract("a change of health must follow an inventory");
                }
                PluginFailure.ifAny(Contract.health(event.getHealth(), known.names()));
                report(event.getHealth().getDeviceName(), event.getHealth().getHealth());
            }
            case BODY_NOT_SET -> throw PluginFailure.contract(Contract.NO_BODY);
        }
    }

    private void replace(PluginInventory present, PluginCalls life) {
        PluginInventory before = inventory;
        if (before != null) {
            before.all().stream()
                    .filter(device -> !present.names().contains(device.getName()))
                    .forEach(device -> left(device, present));
            present.names().stream()
                    .filter(device -> !before.names().contains(device))
                    .forEach(device -> standing.happened(Signal.cleared(device, Kind.GONE, "")));
        }
        if (calls != life) {
            LOG.log(
                    Level.INFO,
                    "plugin {0} is there with {1} devices",
                    name,
                    present.names().size());
            present.names().forEach(device -> {
                standing.clear(device, Kind.GONE);
                standing.clear(device, Kind.HANG);
            });
        }
        inventory = present;
        calls = life;
        trouble = "";
        wellNanos = System.nanoTime();
        present.all().forEach(device -> report(device.getName(), device.getHealth()));
        notifyAll();
    }

    /**
     * Told as something that happens, not as a state that stands: a plugin that makes up new names for ever must not
     * have them all kept. Who lists the devices clears it when this one is back.
     */
    private void left(Device device, PluginInventory present) {
        standing.forget(device.getName());
        if (!present.isSplitOtherwise(device)) {
            String detail = "plugin " + name + " does not list it any more";
            standing.happened(Signal.raised(device.getName(), Kind.GONE, "", detail));
        }
    }

    private void report(String device, Health health) {
        if (health.getState() == HealthState.HEALTH_STATE_HEALTHY) {
            standing.clear(device, Kind.REPORTED);
            return;
        }
        String code = health.getState() == HealthState.HEALTH_STATE_DEGRADED ? "degraded" : "failed";
        standing.raise(Signal.raised(device, Kind.REPORTED, code, health.getCause()));
    }

    /** Says so when it was long enough, and waits a while. */
    private synchronized void away(PluginFailure failure, long begunNanos) throws InterruptedException {
        if (System.nanoTime() - begunNanos >= STAYED_NANOS) {
            waitMillis = LEAST_WAIT_MILLIS;
        }
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMillis);
        waitMillis = Math.min(MOST_WAIT_MILLIS, waitMillis * 2);
        long lostNanos = wellNanos + config.lostAfter().toNanos();
        for (long now = System.nanoTime(); now - end < 0 && !closed; now = System.nanoTime()) {
            lost(failure, now - lostNanos);
            long until = now - lostNanos < 0 ? Math.min(end - now, lostNanos - now) : end - now;
            wait(TimeUnit.NANOSECONDS.toMillis(until) + 1);
        }
        lost(failure, System.nanoTime() - lostNanos);
    }

    /** Whoever is not found is gone; who is found and does not answer as it must, hangs. */
    private void lost(PluginFailure failure, long forNanos) {
        PluginInventory known = inventory;
        if (forNanos < 0 || known == null || closed) {
            return;
        }
        Kind kind = failure.kind() == PluginFailure.Kind.ABSENT ? Kind.GONE : Kind.HANG;
        Kind other = kind == Kind.GONE ? Kind.HANG : Kind.GONE;
        for (String device : known.names()) {
            standing.raise(Signal.raised(device, kind, "", "plugin " + name + ": " + failure.words()));
            standing.clear(device, other);
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }
}
