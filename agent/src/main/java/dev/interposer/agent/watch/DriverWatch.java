package dev.interposer.agent.watch;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.runtime.Loop;
import dev.interposer.proto.agent.v1.Device;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks one driver again and again, on a thread of its own.
 *
 * <p>A call into a vendor's library may never return. Then that thread is lost, and nothing else: the loop sees how
 * long ago the question was asked, and the device that it was asked about is told to hang until the answer comes.
 */
final class DriverWatch implements AutoCloseable {
    /** Told on the loop. */
    interface Observer {
        /** All that the driver has now. */
        void found(Driver driver, List<Device> devices);

        /** What it measures, and which processes on it are of no worker here. */
        void read(String device, Reading reading, List<Long> strangers);

        void happened(Signal signal);

        /**
         * Whether it answers.
         *
         * @param trouble what keeps it from that; empty if nothing does
         */
        void answers(Driver driver, String trouble);
    }

    /**
     * How often, and how long it may take.
     *
     * @param readings between two looks at what devices measure, while something runs
     * @param idle the same while nothing does
     * @param inventory between two looks at what there is
     * @param deadline after which a question hangs
     * @param opening after which a driver that never answered is not waited for, and one that hangs at one device is
     *     taken to hang at all
     */
    record Pace(Duration readings, Duration idle, Duration inventory, Duration deadline, Duration opening) {
        static final Pace STANDARD = new Pace(
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                Duration.ofSeconds(60));
    }

    /** What is asked at this moment; of the driver as a whole if there is no device. */
    private record Question(@Nullable String device, long askedNanos) {}

    private final Driver driver;
    private final Pace pace;
    private final Loop loop;
    private final Observer observer;
    private final Function<Reading, List<Long>> strangers;
    private final Thread thread;
    private volatile @Nullable Question asked;
    private volatile boolean closed;
    private volatile boolean busy = true;
    /** Of the thread alone. */
    private List<String> names = List.of();
    /** Of the thread alone. */
    private boolean listening;
    /** Of the loop alone: for whom a hang was told and is not over. */
    private List<String> hanging = List.of();
    /** Of the loop alone. */
    private boolean hangsWhole;
    /** Of the loop alone: what the last question for all devices failed with; empty if it did not. */
    private String failure = "";
    /** Of the loop alone. */
    private List<String> known = List.of();

    /**
     * @param strangers which processes of a reading are of no worker here; may wait for them, so asked off the loop
     */
    DriverWatch(Driver driver, Pace pace, Loop loop, Observer observer, Function<Reading, List<Long>> strangers) {
        this.strangers = strangers;
        this.driver = driver;
        this.pace = pace;
        this.loop = loop;
        this.observer = observer;
        this.thread =
                Thread.ofPlatform().daemon().name("driver-" + driver.name()).unstarted(this::run);
    }

    /**
     * Begins.
     *
     * @param known names of devices that an earlier agent knew of, which hang if the driver does not answer
     */
    void start(List<String> known) {
        this.known = List.copyOf(known);
        thread.start();
    }

    /** Whether anything runs on the node, so that what its devices measure is of interest. */
    void busy(boolean now) {
        busy = now;
    }

    /** Looks whether a question hangs. On the loop. */
    void look() {
        Question question = asked;
        if (question == null || System.nanoTime() - question.askedNanos < pace.deadline.toNanos()) {
            over();
            return;
        }
        if (hanging.isEmpty()) {
            hang(question.device == null ? known : List.of(question.device), question.device == null, pace.deadline);
        }
        // Nobody looks at the others meanwhile: that they are well is not known any more.
        if (!hangsWhole && System.nanoTime() - question.askedNanos >= pace.opening.toNanos()) {
            hang(known, true, pace.opening);
        }
    }

    private void hang(List<String> devices, boolean whole, Duration since) {
        String words = "asked " + since.toSeconds() + " s ago and not answered";
        devices.stream().filter(device -> !hanging.contains(device)).forEach(device -> raise(device, words));
        Set<String> all = new LinkedHashSet<>(hanging);
        all.addAll(devices);
        hanging = List.copyOf(all);
        if (whole && !hangsWhole) {
            hangsWhole = true;
            observer.answers(driver, words);
        }
    }

    private void over() {
        hanging.forEach(device -> observer.happened(Signal.cleared(device, Signal.Kind.HANG, "")));
        hanging = List.of();
        if (hangsWhole) {
            hangsWhole = false;
            observer.answers(driver, failure);
        }
    }

    private void raise(String device, String detail) {
        observer.happened(Signal.raised(device, Signal.Kind.HANG, "", driver.name() + ": " + detail));
    }

    private void run() {
        long inventoryDue = System.nanoTime();
        long readingsDue = inventoryDue;
        while (!closed) {
            long begun = System.nanoTime();
            if (begun - inventoryDue >= 0) {
                List<String> before = names;
                boolean answered = inventory();
                inventoryDue = begun + (answered ? pace.inventory : pace.readings).toNanos();
                readingsDue = names.equals(before) ? readingsDue : begun;
            }
            if (busy || begun - readingsDue >= 0) {
                readings();
                readingsDue = begun + pace.idle.toNanos();
            }
            try {
                TimeUnit.NANOSECONDS.sleep(Math.max(0, begun + pace.readings.toNanos() - System.nanoTime()));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private boolean inventory() {
        asked = new Question(null, System.nanoTime());
        try {
            List<Device> devices = driver.devices();
            List<String> found = new ArrayList<>();
            devices.forEach(device -> found.add(device.getName()));
            names = List.copyOf(found);
            loop.execute(() -> {
                observer.found(driver, devices);
                known.forEach(device -> observer.happened(Signal.cleared(device, Signal.Kind.HANG, "inventory")));
                known = List.copyOf(found);
                answered("");
            });
            listen();
            return true;
        } catch (DriverException | RuntimeException | Error e) {
            // Also an error, such as of a library that lacks what it was linked with: the thread is the only one.
            String message = words(e);
            loop.execute(() -> {
                known.forEach(device -> observer.happened(
                        Signal.raised(device, Signal.Kind.HANG, "inventory", driver.name() + ": " + message)));
                answered(message);
            });
            return false;
        } finally {
            asked = null;
        }
    }

    private void answered(String message) {
        failure = message;
        observer.answers(driver, message);
    }

    private static String words(Throwable error) {
        String message = error.getMessage();
        return error instanceof DriverException && message != null ? message : error.toString();
    }

    /** Not before the devices are known: what is told of others is lost. */
    private void listen() {
        if (!listening) {
            listening = true;
            driver.listen(signal -> loop.execute(() -> observer.happened(signal)));
        }
    }

    private void readings() {
        for (String device : names) {
            if (closed) {
                return;
            }
            asked = new Question(device, System.nanoTime());
            try {
                Reading reading = driver.read(device);
                // From here on nobody waits for the device.
                asked = null;
                List<Long> foreign = strangers.apply(reading);
                loop.execute(() -> observer.read(device, reading, foreign));
            } catch (DriverException | RuntimeException | Error e) {
                String message = words(e);
                loop.execute(() -> observer.happened(
                        Signal.raised(device, Signal.Kind.HANG, "reading", driver.name() + ": " + message)));
            } finally {
                asked = null;
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        driver.close();
    }
}
