package dev.interposer.agent.watch;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.proto.agent.v1.Device;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which driver answers for which device. From any thread: the loop says what was found, workers ask and may wait.
 *
 * <p>An agent that begins anew knows its devices before their drivers have answered, and so does its scheduler. Work
 * that comes then must not be told that its devices are not there.
 */
final class Owners {
    private final Map<String, Driver> owners = new HashMap<>();
    /** Also of devices that are not there any more. */
    private final Map<String, Driver> last = new HashMap<>();

    private final Set<Driver> silent = new LinkedHashSet<>();

    /** These have not answered yet. */
    synchronized void expect(Collection<Driver> drivers) {
        silent.addAll(drivers);
    }

    synchronized void answered(Driver driver, List<Device> found) {
        owners.values().removeIf(owner -> owner.equals(driver));
        found.forEach(device -> {
            owners.put(device.getName(), driver);
            last.put(device.getName(), driver);
        });
        silent.remove(driver);
        notifyAll();
    }

    /** Who answers for it, or did last; null if nobody ever has. */
    synchronized @Nullable Driver last(String device) {
        return last.get(device);
    }

    /** Waits as long as a driver that has not answered yet may be the one, and at most so long. */
    Driver of(String device, Duration wait) throws DriverException {
        return of(owners, device, wait);
    }

    /** The same also for a device that is not there any more. */
    Driver ofOld(String device, Duration wait) throws DriverException {
        return of(last, device, wait);
    }

    private synchronized Driver of(Map<String, Driver> known, String device, Duration wait) throws DriverException {
        long endNanos = System.nanoTime() + wait.toNanos();
        @Nullable Driver owner = known.get(device);
        while (owner == null && !silent.isEmpty()) {
            long left = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
            if (left <= 0) {
                break;
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DriverException("device " + device + " was waited for, and the agent ends", e);
            }
            owner = known.get(device);
        }
        if (owner == null) {
            List<String> names = new ArrayList<>();
            silent.forEach(driver -> names.add(driver.name()));
            throw new DriverException("device " + device + " is not there"
                    + (names.isEmpty() ? "" : ", or its driver has not answered since the agent began: " + names));
        }
        return owner;
    }
}
