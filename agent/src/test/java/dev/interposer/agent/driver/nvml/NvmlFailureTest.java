package dev.interposer.agent.driver.nvml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Signal;
import dev.interposer.proto.agent.v1.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NvmlFailureTest {
    private static final long MIB = 1L << 20;
    private static final String CHIP = FakeNvml.uuid(0);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"libno-such-library-here.so.1", "/no/such/folder/libnvidia-ml.so.1"})
    void aMachineWithoutTheLibraryHasNoSuchDevices(String library) throws Exception {
        assertThat(Nvml.open(new NvmlConfig(library, folder, 20, 100))).isEmpty();
    }

    @Test
    void aFileThatIsNoLibraryIsNamed() throws Exception {
        Path file = Files.writeString(folder.resolve("libnvidia-ml.so.1"), "nonsense");
        assertThatThrownBy(() -> Nvml.open(new NvmlConfig(file.toString(), folder, 20, 100)))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("nvml.library (" + file + ") is there and can't be loaded");
    }

    @Test
    void aLibraryOfSomethingElseIsNamed() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder, "nvmlDeviceGetUUID");
        assertThatThrownBy(fake::open)
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("has no nvmlDeviceGetUUID");
    }

    @ParameterizedTest
    @CsvSource({"9, the kernel's NVIDIA driver is not loaded", "18, are of different versions", "999, NVML code 999"})
    void aLibraryThatCantBeginSaysWhy(int code, String words) throws Exception {
        FakeNvml fake = FakeNvml.h100(folder).set("fail.nvmlInit_v2", Integer.toString(code));
        assertThatThrownBy(fake::open)
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("can't be initialised")
                .hasMessageContaining(words);
    }

    @Test
    void whatIsNotRequiredMayBeAbsentAltogether() throws Exception {
        Set<Call> optional = EnumSet.complementOf(EnumSet.copyOf(Call.REQUIRED));
        String[] absent =
                optional.stream().flatMap(call -> call.names().stream()).toArray(String[]::new);
        try (NvmlDriver driver = FakeNvml.h100(folder, absent).open()) {
            driver.listen(signal -> {});
            List<Device> devices = driver.devices();
            assertThat(devices).hasSize(8);
            assertThat(devices.getFirst().getAttributesMap()).containsOnlyKeys("vendor", "driver");
            assertThat(driver.read(CHIP)).isEqualTo(Reading.NONE);
        }
    }

    @Test
    void whatIsNotRequiredMayFailAltogether() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        EnumSet.complementOf(EnumSet.copyOf(Call.REQUIRED)).forEach(call -> fake.put("fail." + call.function(), "3"));
        try (NvmlDriver driver = fake.write().open()) {
            driver.listen(signal -> {});
            assertThat(driver.devices()).hasSize(8);
            assertThat(driver.read(CHIP)).isEqualTo(Reading.NONE);
        }
    }

    /** A chip whose own processor has crashed answers so, also to an agent that never saw it well. */
    @ParameterizedTest
    @ValueSource(strings = {"999", "11", "16"})
    void aChipThatAnswersNothingThatItIsAskedIsNotWell(String code) throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        EnumSet.complementOf(EnumSet.copyOf(Call.REQUIRED))
                .forEach(call -> fake.put("0.fail." + call.function(), code));
        try (NvmlDriver driver = fake.write().open()) {
            assertThat(driver.devices()).hasSize(8);
            assertThatThrownBy(() -> driver.read(CHIP))
                    .isInstanceOf(DriverException.class)
                    .hasMessageContaining("answers nothing that it is asked")
                    .hasMessageContaining("NVML code " + code);
            assertThat(driver.read(FakeNvml.uuid(1)).temperatureCelsius()).isEqualTo(34);
        }
    }

    @Test
    void withoutTheSecondMemoryFunctionTheFirstServes() throws Exception {
        try (NvmlDriver driver =
                FakeNvml.h100(folder, "nvmlDeviceGetMemoryInfo_v2").open()) {
            assertThat(driver.devices().getFirst().getMemoryBytes()).isEqualTo(81559 * MIB);
            // The first counts what the driver keeps for itself as used.
            assertThat(driver.read(CHIP).memoryUsedBytes()).isEqualTo(1624 * MIB);
        }
    }

    @Test
    void whereTheSecondMemoryFunctionIsRefusedTheFirstServes() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder).set("fail.nvmlDeviceGetMemoryInfo_v2", "25");
        try (NvmlDriver driver = fake.open()) {
            assertThat(driver.devices().getFirst().getMemoryBytes()).isEqualTo(81559 * MIB);
        }
    }

    @Test
    void aChipThatIsLostFromTheStartIsLeftOut() throws Exception {
        try (NvmlDriver driver = FakeNvml.h100(folder).set("3.lost", "1").open()) {
            assertThat(driver.devices()).extracting(Device::getName).hasSize(7).doesNotContain(FakeNvml.uuid(3));
        }
    }

    @Test
    void chipsThatCantBeCountedAreAnError() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        try (NvmlDriver driver = fake.open()) {
            fake.set("fail.nvmlDeviceGetCount_v2", "999");
            assertThatThrownBy(driver::devices)
                    .isInstanceOf(DriverException.class)
                    .hasMessageContaining("can't count its devices");
        }
    }

    @Test
    void aDeviceThatNobodyKnowsIsNamed() throws Exception {
        try (NvmlDriver driver = FakeNvml.h100(folder).open()) {
            driver.devices();
            assertThatThrownBy(() -> driver.read("GPU-none"))
                    .isInstanceOf(DriverException.class)
                    .hasMessageContaining("device (GPU-none) is none of [" + CHIP);
        }
    }

    @Test
    @Timeout(60)
    void aCallThatHangsDoesNotHoldUpTheEnd() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        NvmlDriver driver = fake.open();
        driver.devices();
        BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
        driver.listen(signals::add);
        fake.set("hang.nvmlDeviceGetTemperature", "1");
        FutureTask<Reading> read = new FutureTask<>(() -> driver.read(CHIP));
        Thread reader = Thread.ofPlatform().daemon().start(read);
        waitUntilInside(reader);
        assertThat(took(driver::close)).isLessThan(Duration.ofSeconds(10));
        assertThat(read.isDone()).isFalse();
        assertThat(fake.shutdown()).as("shut down while a call was inside").isEmpty();
        // It comes back with bad news, which nobody is to hear any more.
        fake.put("fail.nvmlDeviceGetTemperature", "15").remove("hang.nvmlDeviceGetTemperature");
        assertThatThrownBy(read::get).hasMessageContaining("fallen off the bus");
        assertThat(signals).isEmpty();
        assertThatThrownBy(driver::devices).isInstanceOf(DriverException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nvmlEventSetWait_v2", "nvmlShutdown"})
    @Timeout(60)
    void neitherDoesAHangInItsOwnThreads(String function) throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        NvmlDriver driver = fake.open();
        driver.devices();
        driver.listen(signal -> {});
        fake.set("hang." + function, "1");
        assertThat(took(driver::close)).isLessThan(Duration.ofSeconds(10));
        fake.remove("hang." + function);
    }

    @Test
    void anEndIsQuickWhereNothingHangs() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        NvmlDriver driver = fake.open();
        driver.devices();
        driver.listen(signal -> {});
        assertThat(took(driver::close)).isLessThan(Duration.ofSeconds(1));
        assertThat(fake.shutdown()).isEqualTo("clean");
        driver.close();
    }

    /** The stack of a thread that is inside the library ends in the call. */
    private static void waitUntilInside(Thread reader) throws InterruptedException {
        while (Arrays.stream(reader.getStackTrace())
                .noneMatch(frame -> frame.getMethodName().equals("temperature"))) {
            Thread.sleep(5);
        }
    }

    private static Duration took(Runnable task) {
        long start = System.nanoTime();
        task.run();
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
