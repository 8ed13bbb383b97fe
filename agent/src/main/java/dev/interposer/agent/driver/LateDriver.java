package dev.interposer.agent.driver;

import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A driver that is opened when it is asked for the first time, by whoever asks: to open one may take as long as any
 * other question, or hang. One that finds no hardware has no devices, and is opened again with the next question, so
 * that a driver which is installed later is found.
 */
public final class LateDriver implements Driver {
    /** Opens a driver; empty where there is no such hardware or software. */
    public interface Opening {
        Optional<Driver> open() throws DriverException;
    }

    private final String name;
    private final Map<String, String> hidden;
    private final Opening opening;
    private volatile @Nullable Driver opened;
    private volatile boolean absent;
    private @Nullable Consumer<Signal> listener;
    private boolean listening;
    private boolean closed;

    /**
     * @param hidden what hides its devices, for as long as it can't be asked itself
     */
    public LateDriver(String name, Map<String, String> hidden, Opening opening) {
        this.name = name;
        this.hidden = Map.copyOf(hidden);
        this.opening = opening;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Device> devices() throws DriverException {
        Driver driver = opened;
        if (driver == null) {
            Optional<Driver> found = opening.open();
            absent = found.isEmpty();
            if (absent) {
                return List.of();
            }
            driver = found.get();
            take(driver);
        }
        List<Device> devices = driver.devices();
        listenIfAsked(driver);
        return devices;
    }

    private synchronized void take(Driver driver) throws DriverException {
        if (closed) {
            driver.close();
            throw new DriverException(name + " was closed");
        }
        opened = driver;
    }

    /** Its signals count from its own first answer on. */
    private synchronized void listenIfAsked(Driver driver) {
        if (listener != null && !listening) {
            listening = true;
            driver.listen(listener);
        }
    }

    @Override
    public Reading read(String device) throws DriverException {
        return opened().read(device);
    }

    @Override
    public synchronized void listen(Consumer<Signal> signals) {
        listener = signals;
        Driver driver = opened;
        if (driver != null) {
            listenIfAsked(driver);
        }
    }

    /** Before it has answered there may be hardware; none is hidden once it has said that there is none. */
    @Override
    public Map<String, String> hidden() {
        Driver driver = opened;
        if (driver != null) {
            return driver.hidden();
        }
        return absent ? Map.of() : hidden;
    }

    @Override
    public Map<String, String> prepare(WorkerAssignment assignment) throws DriverException {
        return opened().prepare(assignment);
    }

    @Override
    public void unprepare(WorkerAssignment assignment) throws DriverException {
        opened().unprepare(assignment);
    }

    private Driver opened() throws DriverException {
        Driver driver = opened;
        if (driver == null) {
            throw new DriverException(name + " is not there yet");
        }
        return driver;
    }

    @Override
    public synchronized void close() {
        closed = true;
        Driver driver = opened;
        if (driver != null) {
            driver.close();
        }
    }
}
