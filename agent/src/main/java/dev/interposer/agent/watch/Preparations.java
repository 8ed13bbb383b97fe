package dev.interposer.agent.watch;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Preparation;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes the devices of workers ready, each by its own driver, and has them cleared up after: at once or, where a driver
 * is away or refuses, as soon as it can. A driver is asked for one worker at a time.
 */
final class Preparations implements Preparation {
    private static final Logger LOG = System.getLogger(Preparations.class.getName());
    private static final int MOST_OWED = 1_000;

    private final Owners owners;
    /** How long a driver may be busy with another worker, or be silent from the agent's start. */
    private final Duration patience;

    private final Map<Driver, ReentrantLock> turns = new ConcurrentHashMap<>();
    /** What is not cleared up: assignments with those devices alone that one driver has, or nobody knows. */
    private final Deque<WorkerAssignment> owed = new ArrayDeque<>();

    private interface Asked<T> {
        T ask() throws DriverException;
    }

    Preparations(Owners owners, Duration patience) {
        this.owners = owners;
        this.patience = patience;
    }

    @Override
    public Map<String, String> prepare(WorkerAssignment assignment) throws DriverException {
        Map<Driver, WorkerAssignment.Builder> parts = new LinkedHashMap<>();
        for (String device : assignment.getDeviceNamesList()) {
            part(parts, owners.of(device, patience), assignment).addDeviceNames(device);
        }
        Map<String, String> environment = new HashMap<>();
        for (Map.Entry<Driver, WorkerAssignment.Builder> each : parts.entrySet()) {
            WorkerAssignment part = each.getValue().build();
            environment.putAll(inTurn(each.getKey(), () -> {
                settle(each.getKey(), part.getDeviceNamesList());
                return each.getKey().prepare(part);
            }));
        }
        return environment;
    }

    /** Each driver is told its part, whatever becomes of the others. */
    @Override
    public void unprepare(WorkerAssignment assignment) throws DriverException {
        Map<Driver, WorkerAssignment.Builder> parts = new LinkedHashMap<>();
        List<Exception> failures = new ArrayList<>();
        for (String device : assignment.getDeviceNamesList()) {
            try {
                part(parts, owners.ofOld(device, patience), assignment).addDeviceNames(device);
            } catch (DriverException e) {
                owe(assignment.toBuilder()
                        .clearDeviceNames()
                        .addDeviceNames(device)
                        .build());
                failures.add(e);
            }
        }
        for (Map.Entry<Driver, WorkerAssignment.Builder> each : parts.entrySet()) {
            WorkerAssignment part = each.getValue().build();
            try {
                inTurn(each.getKey(), () -> {
                    each.getKey().unprepare(part);
                    return part;
                });
            } catch (DriverException | RuntimeException e) {
                owe(part);
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            throw new DriverException(
                    "it is tried again: " + failures.getFirst().getMessage(), failures.getFirst());
        }
    }

    private static WorkerAssignment.Builder part(
            Map<Driver, WorkerAssignment.Builder> parts, Driver driver, WorkerAssignment whole) {
        return parts.computeIfAbsent(driver, _ -> whole.toBuilder().clearDeviceNames());
    }

    private <T> T inTurn(Driver driver, Asked<T> asked) throws DriverException {
        ReentrantLock turn = turns.computeIfAbsent(driver, _ -> new ReentrantLock(true));
        try {
            if (!turn.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new DriverException("driver " + driver.name() + " has been busy with another worker for "
                        + patience.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DriverException("driver " + driver.name() + " was waited for, and the agent ends", e);
        }
        try {
            return asked.ask();
        } finally {
            turn.unlock();
        }
    }

    private synchronized void owe(WorkerAssignment part) {
        if (owed.size() == MOST_OWED) {
            LOG.log(
                    Level.WARNING,
                    "devices are not cleared up, and it is not tried again: {0}",
                    words(owed.removeFirst()));
        }
        owed.addLast(part);
    }

    /** It has answered: what it owes is tried again, on a thread of its own since that may take long. */
    void answered(Driver driver) {
        if (!of(driver, null).isEmpty()) {
            Thread.ofVirtual().start(() -> {
                try {
                    inTurn(driver, () -> {
                        settle(driver, null);
                        return driver;
                    });
                } catch (DriverException e) {
                    LOG.log(Level.DEBUG, "it is tried again with its next answer", e);
                }
            });
        }
    }

    /** Before others get the devices, if it can be; in the driver's turn. */
    private void settle(Driver driver, @Nullable List<String> devices) {
        for (WorkerAssignment part : of(driver, devices)) {
            try {
                driver.unprepare(part);
                synchronized (this) {
                    owed.remove(part);
                }
                LOG.log(Level.INFO, "devices are cleared up now: {0}", words(part));
            } catch (DriverException | RuntimeException e) {
                LOG.log(Level.WARNING, "devices can't be cleared up yet: " + words(part), e);
            }
        }
    }

    private synchronized List<WorkerAssignment> of(Driver driver, @Nullable List<String> devices) {
        List<WorkerAssignment> found = new ArrayList<>();
        for (WorkerAssignment part : owed) {
            boolean meant =
                    devices == null || part.getDeviceNamesList().stream().anyMatch(devices::contains);
            if (meant && Objects.equals(owners.last(part.getDeviceNames(0)), driver)) {
                found.add(part);
            }
        }
        return found;
    }

    private static String words(WorkerAssignment part) {
        return part.getDeviceNamesList() + " after worker " + part.getKey().getWorker() + " of job "
                + part.getKey().getJobId();
    }
}
