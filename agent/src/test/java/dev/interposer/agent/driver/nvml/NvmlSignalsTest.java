package dev.interposer.agent.driver.nvml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.driver.Signal.Kind;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvmlSignalsTest {
    private static final String CHIP = FakeNvml.uuid(0);
    private static final long DOUBLE_BIT = 0x2;
    private static final long XID = 0x8;
    private static final long STORM = 0x200;
    private static final int NO_INSTANCE = -1;

    @TempDir
    private Path folder;

    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private final AtomicLong nanos = new AtomicLong(1);

    @Test
    void anXidIsToldByTheChipThatHadIt() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        try (NvmlDriver driver = listening(fake)) {
            fake.push(5, XID, 79, NO_INSTANCE);
            assertThat(next())
                    .isEqualTo(Signal.raised(
                            FakeNvml.uuid(5), Kind.XID, "79", "XID 79: the device has fallen off the bus"));
            fake.push(0, XID, 48, NO_INSTANCE);
            assertThat(next()).extracting(Signal::device, Signal::code).containsExactly(CHIP, "48");
            assertThat(driver.devices()).hasSize(8);
        }
    }

    @Test
    void anXidOfAnInstanceIsItsAlone() throws Exception {
        FakeNvml fake = FakeNvml.a100(folder);
        try (NvmlDriver driver = listening(fake)) {
            fake.push(0, XID, 94, 9);
            assertThat(next()).extracting(Signal::device).isEqualTo(FakeNvml.partUuid(0, 3));
            fake.push(0, XID, 95, 6);
            assertThat(next()).extracting(Signal::device).isEqualTo(CHIP);
            assertThat(driver.devices()).hasSize(10);
        }
    }

    @Test
    void aChipInMigModeIsToldAsSuchUntilItHasInstances() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        try (NvmlDriver driver = listening(fake)) {
            WorkerAssignment whole =
                    WorkerAssignment.newBuilder().addDeviceNames(CHIP).build();
            driver.read(CHIP);
            assertThat(signals).isEmpty();
            assertThat(driver.prepare(whole)).containsEntry("CUDA_VISIBLE_DEVICES", CHIP);

            fake.put("*.migMax", "7").put("0.processes", "4711:1").set("0.migMode", "1");
            assertThat(driver.read(CHIP).processes()).isEmpty();
            assertThat(next())
                    .extracting(Signal::device, Signal::kind, Signal::cleared)
                    .containsExactly(CHIP, Kind.MODE, false);
            driver.devices();
            assertThatThrownBy(() -> driver.prepare(whole))
                    .isInstanceOf(DriverException.class)
                    .hasMessageContaining("device (" + CHIP + ") is in MIG mode");

            String part = FakeNvml.partUuid(0, 0);
            fake.put("0.mig.0.slices", "1").put("0.mig.0.computeSlices", "1").put("0.mig.0.processors", "16");
            fake.put("0.mig.0.memoryMb", "9728").set("0.mig.0.uuid", part);
            assertThat(driver.devices()).extracting(Device::getName).contains(part);
            driver.read(CHIP);
            assertThat(next()).isEqualTo(Signal.cleared(CHIP, Kind.MODE, ""));
            assertThat(driver.prepare(WorkerAssignment.newBuilder()
                            .addDeviceNames(part)
                            .setPartition("1g.10gb")
                            .build()))
                    .containsEntry("CUDA_VISIBLE_DEVICES", part);
        }
    }

    @Test
    void theLibraryTellsOfMemoryErrors() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        try (NvmlDriver driver = listening(fake)) {
            fake.push(1, DOUBLE_BIT, 0, NO_INSTANCE);
            assertThat(next())
                    .extracting(Signal::kind, Signal::code)
                    .containsExactly(Kind.ECC_UNCORRECTED, "double-bit");
            fake.push(1, STORM, 0, NO_INSTANCE);
            assertThat(next()).extracting(Signal::kind, Signal::code).containsExactly(Kind.ECC_CORRECTED, "storm");
            assertThat(driver.name()).isEqualTo("nvml");
        }
    }

    @Test
    void aListenerThatFailsHearsTheNextAllTheSame() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        try (NvmlDriver driver = fake.open(nanos::get)) {
            driver.devices();
            driver.listen(signal -> {
                signals.add(signal);
                throw new IllegalStateException("on purpose");
            });
            fake.push(1, XID, 13, NO_INSTANCE);
            assertThat(next()).extracting(Signal::code).isEqualTo("13");
            fake.push(1, XID, 31, NO_INSTANCE);
            assertThat(next()).extracting(Signal::code).isEqualTo("31");
        }
    }

    @Test
    void aDeviceThatComesLaterIsListenedToAsWell() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder).set("count", "7");
        try (NvmlDriver driver = listening(fake)) {
            fake.set("count", "8");
            assertThat(driver.devices()).hasSize(8);
            assertThat(heard(fake, 7)).isEqualTo(FakeNvml.uuid(7));
        }
    }

    /** The library answers for all of a set with the loss of one. */
    @Test
    void theLossOfOneChipHidesNothingOfTheOthers() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        try (NvmlDriver driver = listening(fake)) {
            fake.push(2, XID, 13, NO_INSTANCE);
            assertThat(next()).extracting(Signal::device).isEqualTo(FakeNvml.uuid(2));
            fake.set("2.lost", "1");
            fake.push(5, XID, 79, NO_INSTANCE);
            assertThat(next()).extracting(Signal::device).isEqualTo(FakeNvml.uuid(5));
            assertThat(driver.devices()).hasSize(7);
            // It is back after a reset.
            fake.remove("2.lost");
            assertThat(driver.devices()).hasSize(8);
            drained();
            assertThat(heard(fake, 2)).isEqualTo(FakeNvml.uuid(2));
        }
    }

    @Test
    void aChipThatRefusedItsEventsIsAskedAgain() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder).set("3.fail.nvmlDeviceRegisterEvents", "999");
        try (NvmlDriver driver = listening(fake)) {
            fake.push(1, XID, 13, NO_INSTANCE);
            assertThat(next()).extracting(Signal::device).isEqualTo(FakeNvml.uuid(1));
            fake.remove("3.fail.nvmlDeviceRegisterEvents");
            assertThat(driver.devices()).hasSize(8);
            assertThat(heard(fake, 3)).isEqualTo(FakeNvml.uuid(3));
        }
    }

    @Test
    void aLibraryThatTellsNoEventsAtFirstIsAskedAgain() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder).set("fail.nvmlEventSetCreate", "999");
        try (NvmlDriver driver = listening(fake)) {
            TimeUnit.MILLISECONDS.sleep(100);
            fake.remove("fail.nvmlEventSetCreate");
            fake.push(6, XID, 13, NO_INSTANCE);
            assertThat(next()).extracting(Signal::device).isEqualTo(FakeNvml.uuid(6));
            assertThat(driver.devices()).hasSize(8);
        }
    }

    @Test
    void anEventWithAnotherHandleIsOfTheChipThatBearsItsName() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        fake.put("3.otherHandle", "9").put("9.uuid", FakeNvml.uuid(3)).write();
        try (NvmlDriver driver = listening(fake)) {
            fake.push(3, XID, 79, NO_INSTANCE);
            assertThat(next()).extracting(Signal::device).isEqualTo(FakeNvml.uuid(3));
            assertThat(driver.devices()).hasSize(8);
        }
    }

    @Test
    void aChipThatMustBeResetSaysSo() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        try (NvmlDriver driver = listening(fake)) {
            assertThat(look(driver)).isEmpty();
            fake.set("0.fail.nvmlDeviceGetUtilizationRates", "16");
            assertThat(look(driver))
                    .containsExactly(
                            Signal.raised(CHIP, Kind.REPORTED, "failed", "the device must be reset (NVML code 16)"));
            fake.remove("0.fail.nvmlDeviceGetUtilizationRates");
            assertThat(look(driver)).containsExactly(Signal.cleared(CHIP, Kind.REPORTED, "failed"));
        }
    }

    @Test
    void thatAChipMustBeResetIsNotLostAmongWhatElseItRefuses() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        try (NvmlDriver driver = listening(fake)) {
            fake.put("0.fail.nvmlDeviceGetUtilizationRates", "16").set("0.fail.nvmlDeviceGetPowerUsage", "999");
            assertThat(look(driver))
                    .extracting(Signal::kind, Signal::code)
                    .containsExactly(tuple(Kind.REPORTED, "failed"));
            fake.remove("0.fail.nvmlDeviceGetUtilizationRates");
            assertThat(look(driver)).containsExactly(Signal.cleared(CHIP, Kind.REPORTED, "failed"));
        }
    }

    @Test
    void aChipThatIsNotListedAnyMoreHasNoStateButThatAndTellsTheOthersAnew() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder).set("7.remapped", "0 1 1 0");
        try (NvmlDriver driver = listening(fake)) {
            driver.read(FakeNvml.uuid(7));
            assertThat(drained()).extracting(Signal::kind).containsExactly(Kind.MEMORY_REMAP_PENDING);
            fake.set("count", "7");
            driver.devices();
            driver.devices();
            assertThat(drained())
                    .extracting(Signal::kind, Signal::cleared)
                    .containsExactly(tuple(Kind.GONE, false), tuple(Kind.MEMORY_REMAP_PENDING, true));
            fake.set("count", "8");
            driver.devices();
            driver.read(FakeNvml.uuid(7));
            assertThat(drained())
                    .extracting(Signal::kind, Signal::cleared)
                    .containsExactly(tuple(Kind.GONE, true), tuple(Kind.MEMORY_REMAP_PENDING, false));
        }
    }

    @Test
    void anOlderLibraryDoesNotSayWhichInstanceItWas() throws Exception {
        FakeNvml fake = FakeNvml.a100(folder, "nvmlEventSetWait_v2").set("0.mig.3.instance", "0");
        try (NvmlDriver driver = listening(fake)) {
            fake.push(0, XID, 13, 0);
            assertThat(next()).extracting(Signal::device).isEqualTo(CHIP);
            assertThat(driver.devices()).hasSize(10);
        }
    }

    @Test
    void whereAChipDoesNotSayWhatItTellsItIsAskedForXids() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder, "nvmlDeviceGetSupportedEventTypes");
        try (NvmlDriver driver = listening(fake)) {
            fake.push(3, XID, 13, NO_INSTANCE);
            assertThat(next()).extracting(Signal::device).isEqualTo(FakeNvml.uuid(3));
            assertThat(driver.devices()).hasSize(8);
        }
    }

    @Test
    void uncorrectedErrorsAreToldWhenTheyGrow() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder).set("0.eccUncorrected", "4");
        try (NvmlDriver driver = listening(fake)) {
            assertThat(look(driver)).isEmpty();
            fake.set("0.eccUncorrected", "6");
            assertThat(look(driver))
                    .containsExactly(Signal.raised(
                            CHIP, Kind.ECC_UNCORRECTED, "count", "2 more, 6 since the driver was loaded"));
            assertThat(look(driver)).isEmpty();
            // The driver was loaded anew.
            fake.set("0.eccUncorrected", "0");
            assertThat(look(driver)).isEmpty();
            fake.set("0.eccUncorrected", "1");
            assertThat(look(driver)).extracting(Signal::kind).containsExactly(Kind.ECC_UNCORRECTED);
        }
    }

    @Test
    void correctedErrorsAreToldWhenTheyGrowFast() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder).set("0.eccCorrected", "1000");
        try (NvmlDriver driver = listening(fake)) {
            assertThat(look(driver)).isEmpty();
            pass(30);
            fake.set("0.eccCorrected", "1100");
            assertThat(look(driver)).isEmpty();
            pass(40);
            assertThat(look(driver)).isEmpty();
            fake.set("0.eccCorrected", "1150");
            pass(5);
            assertThat(look(driver)).isEmpty();
            fake.set("0.eccCorrected", "1201");
            assertThat(look(driver))
                    .containsExactly(
                            Signal.raised(CHIP, Kind.ECC_CORRECTED, "", "101 corrected within a minute, above 100"));
            assertThat(look(driver)).isEmpty();
        }
    }

    @Test
    void rowsThatWaitOrFailAreStates() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        try (NvmlDriver driver = listening(fake)) {
            fake.set("0.remapped", "0 1 1 0");
            assertThat(look(driver)).extracting(Signal::kind).containsExactly(Kind.MEMORY_REMAP_PENDING);
            fake.set("0.remapped", "0 1 1 1");
            assertThat(look(driver)).extracting(Signal::kind).containsExactly(Kind.MEMORY_REMAP_FAILED);
            // What can't be asked for a while is not over.
            fake.set("fail.nvmlDeviceGetRemappedRows", "999");
            assertThat(look(driver)).isEmpty();
            fake.remove("fail.nvmlDeviceGetRemappedRows").set("0.remapped", "0 2 0 0");
            assertThat(look(driver))
                    .containsExactly(
                            Signal.cleared(CHIP, Kind.MEMORY_REMAP_PENDING, ""),
                            Signal.cleared(CHIP, Kind.MEMORY_REMAP_FAILED, ""));
        }
    }

    @Test
    void pagesOfOlderChipsWaitToo() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder).remove("*.remapped").set("0.retiredPending", "1");
        try (NvmlDriver driver = listening(fake)) {
            assertThat(look(driver)).extracting(Signal::kind).containsExactly(Kind.MEMORY_REMAP_PENDING);
        }
    }

    @Test
    void aLinkThatWasUpAndIsNotIsAState() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder).set("0.link.4", "down");
        try (NvmlDriver driver = listening(fake)) {
            assertThat(look(driver)).isEmpty();
            fake.set("0.link.9", "down");
            assertThat(look(driver))
                    .containsExactly(
                            Signal.raised(CHIP, Kind.LINK_DOWN, "", "of 18 links these were up and are not: {9}"));
            fake.set("0.link.10", "down");
            assertThat(look(driver)).isEmpty();
            fake.remove("0.link.9");
            assertThat(look(driver)).isEmpty();
            fake.remove("0.link.10");
            assertThat(look(driver)).containsExactly(Signal.cleared(CHIP, Kind.LINK_DOWN, ""));
        }
    }

    @Test
    void aChipThatIsBeingSplitLosesNoLink() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        try (NvmlDriver driver = listening(fake)) {
            look(driver);
            fake.put("0.migMode", "1").put("0.link.0", "down").write();
            assertThat(look(driver)).extracting(Signal::kind).containsExactly(Kind.MODE);
        }
    }

    @Test
    void heatIsToldAtTheLimitAndOverOnlyWhenItCooled() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder).set("0.temperature", "88");
        try (NvmlDriver driver = listening(fake)) {
            assertThat(look(driver)).isEmpty();
            fake.set("0.temperature", "89");
            assertThat(look(driver)).extracting(Signal::kind).containsExactly(Kind.OVER_TEMPERATURE);
            fake.set("0.temperature", "85");
            assertThat(look(driver)).isEmpty();
            fake.set("0.temperature", "84");
            assertThat(look(driver)).containsExactly(Signal.cleared(CHIP, Kind.OVER_TEMPERATURE, ""));
        }
    }

    @Test
    void aNewerChipTellsTheMarginInstead() throws Exception {
        FakeNvml fake = FakeNvml.b200(folder);
        try (NvmlDriver driver = listening(fake)) {
            assertThat(look(driver)).isEmpty();
            fake.set("0.margin", "-2");
            assertThat(look(driver))
                    .containsExactly(
                            Signal.raised(CHIP, Kind.OVER_TEMPERATURE, "", "slows itself down, 2 °C above its limit"));
        }
    }

    @Test
    void aChipThatIsLostIsGoneUntilItAnswers() throws Exception {
        FakeNvml fake = FakeNvml.a100(folder);
        try (NvmlDriver driver = listening(fake)) {
            fake.set("0.lost", "1");
            assertThatThrownBy(() -> driver.read(CHIP))
                    .isInstanceOf(DriverException.class)
                    .hasMessageContaining(CHIP)
                    .hasMessageContaining("fallen off the bus");
            assertThat(drained())
                    .extracting(Signal::device, Signal::kind, Signal::code)
                    .containsExactly(
                            tuple(CHIP, Kind.GONE, ""),
                            tuple(FakeNvml.partUuid(0, 0), Kind.GONE, ""),
                            tuple(FakeNvml.partUuid(0, 3), Kind.GONE, ""));
            assertThat(driver.devices()).extracting(Device::getName).hasSize(7).doesNotContain(CHIP);
            assertThat(driver.read(FakeNvml.uuid(1)).temperatureCelsius()).isEqualTo(34);
            assertThat(drained()).isEmpty();
            fake.remove("0.lost");
            assertThat(driver.devices()).hasSize(10);
            assertThat(drained()).hasSize(3).contains(Signal.cleared(CHIP, Kind.GONE, ""));
        }
    }

    @Test
    void aChipThatIsListedNoMoreIsGone() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        try (NvmlDriver driver = listening(fake)) {
            fake.set("count", "7");
            assertThat(driver.devices()).hasSize(7);
            assertThat(drained())
                    .extracting(Signal::device, Signal::kind)
                    .containsExactly(tuple(FakeNvml.uuid(7), Kind.GONE));
        }
    }

    @Test
    void anInstanceThatWasTakenAwayIsNoLoss() throws Exception {
        FakeNvml fake = FakeNvml.a100(folder);
        try (NvmlDriver driver = listening(fake)) {
            fake.remove("0.mig.3.uuid");
            assertThat(driver.devices()).hasSize(9);
            assertThat(drained()).isEmpty();
        }
    }

    @Test
    void whatLastsIsToldToWhoeverListensLater() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder).set("0.remapped", "0 0 0 1");
        try (NvmlDriver driver = fake.open(nanos::get)) {
            driver.devices();
            driver.read(CHIP);
            driver.listen(signals::add);
            assertThat(drained()).extracting(Signal::kind).containsExactly(Kind.MEMORY_REMAP_FAILED);
        }
    }

    /** The thread asks for a new chip's events before it waits anew. */
    private String heard(FakeNvml fake, int chip) throws Exception {
        for (int tries = 0; tries < 100 && signals.isEmpty(); tries++) {
            fake.push(chip, XID, 31, NO_INSTANCE);
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return next().device();
    }

    private NvmlDriver listening(FakeNvml fake) throws Exception {
        NvmlDriver driver = fake.open(nanos::get);
        driver.devices();
        driver.listen(signals::add);
        return driver;
    }

    private List<Signal> look(NvmlDriver driver) throws DriverException {
        driver.read(CHIP);
        return drained();
    }

    private List<Signal> drained() {
        List<Signal> found = new ArrayList<>();
        signals.drainTo(found);
        return found;
    }

    private Signal next() throws InterruptedException {
        Signal signal = signals.poll(20, TimeUnit.SECONDS);
        assertThat(signal).as("no signal came").isNotNull();
        return signal;
    }

    private void pass(int seconds) {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }
}
