package dev.interposer.agent.driver.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Assumptions;

/** A machine of NVIDIA's chips, as a library in C that answers with what this object has written beside it. */
final class FakeNvml {
    static final Path SOURCE = Path.of("src/test/c/nvml_fake.c");
    private static final String COMPILER = "cc";
    private static final long MIB = 1L << 20;

    private final Path library;
    private final Path sysfs;
    private final Map<String, String> state = new LinkedHashMap<>();

    private FakeNvml(Path library, Path sysfs) {
        this.library = library;
        this.sysfs = sysfs;
    }

    /** Without some of the functions. Each gets a copy of its own, and so memory of its own. */
    static FakeNvml without(Path folder, String... functions) throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(
                List.of("-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-Wl,-z,noexecstack"));
        Arrays.stream(functions).map(name -> "-D" + name + "=left_out_" + name).forEach(options::add);
        Path built = compiled(options);
        Path copy = folder.resolve("libnvidia-ml.so.1");
        Files.copy(built, copy);
        return new FakeNvml(copy, folder.resolve("sys"));
    }

    /** Made once for each set of options; a change of the source makes it anew. */
    static Path compiled(List<String> options) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(Path.of("target", "nvml-fake"));
        String source = Files.readString(SOURCE);
        Path built = folder.resolve(Integer.toHexString((source + options).hashCode()));
        if (Files.exists(built)) {
            return built;
        }
        Path made = Files.createTempFile(folder, "made", "");
        List<String> command = new ArrayList<>(List.of(COMPILER));
        command.addAll(options);
        command.addAll(List.of("-o", made.toString(), SOURCE.toString(), "-ldl"));
        Process compiler;
        try {
            compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            // Where everything is to be tested, a machine without a compiler is an error.
            Assumptions.assumeTrue(System.getenv("CI") != null, "no C compiler (" + COMPILER + ")");
            throw e;
        }
        String output = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(compiler.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(compiler.exitValue()).as(output).isZero();
        Files.move(made, built, StandardCopyOption.ATOMIC_MOVE);
        return built;
    }

    /** Eight chips of 40 GB behind switches; the first is split into 3g and 1g. */
    static FakeNvml a100(Path folder, String... without) throws IOException, InterruptedException {
        FakeNvml fake = without(folder, without);
        fake.chips(8, "NVIDIA A100-SXM4-40GB", 40960 * MIB, "8.0");
        fake.put("*.links", "12").put("*.far", "switch").put("0.migMode", "1").put("*.migMax", "7");
        fake.part(0, 0, 2, 3, 20096, 0).part(0, 3, 9, 1, 4864, 4);
        return fake.write();
    }

    static FakeNvml h100(Path folder, String... without) throws IOException, InterruptedException {
        FakeNvml fake = without(folder, without);
        fake.chips(8, "NVIDIA H100 80GB HBM3", 81559 * MIB, "9.0");
        fake.put("*.links", "18").put("*.far", "switch").put("*.fabric.uuid", "0".repeat(32));
        return fake.write();
    }

    static FakeNvml h200(Path folder) throws IOException, InterruptedException {
        FakeNvml fake = without(folder);
        fake.chips(8, "NVIDIA H200", 143771 * MIB, "9.0");
        fake.put("*.links", "18").put("*.far", "switch").put("2.migMode", "1").put("*.migMax", "7");
        fake.part(2, 0, 7, 1, 16384, 6).part(2, 1, 1, 4, 71424, 0);
        return fake.write();
    }

    static FakeNvml b200(Path folder) throws IOException, InterruptedException {
        FakeNvml fake = without(folder);
        fake.chips(8, "NVIDIA B200", 183359 * MIB, "10.0");
        fake.put("*.links", "18").put("*.far", "switch").put("*.fabric.uuid", "0".repeat(32));
        fake.state.remove("*.slowdown");
        return fake.put("*.margin", "41").write();
    }

    /** One of the machines of a rack whose chips are one fabric. */
    static FakeNvml nvl72(Path folder) throws IOException, InterruptedException {
        FakeNvml fake = without(folder);
        fake.chips(4, "NVIDIA GB200", 189471 * MIB, "10.0");
        fake.put("*.links", "18").put("*.far", "switch");
        fake.put("*.fabric.uuid", "000102030405060708090a0b0c0d0e0f").put("*.fabric.clique", "32766");
        return fake.write();
    }

    private void chips(int count, String name, long bytes, String capability) {
        put("driver", "550.90.07").put("nvml", "12.550.90.07").put("cuda", "12040");
        put("count", Integer.toString(count)).put("*.name", name).put("*.memory", Long.toString(bytes));
        put("*.used", Long.toString(1024 * MIB)).put("*.reserved", Long.toString(600 * MIB));
        put("*.capability", capability).put("*.migMode", "0").put("*.ecc", "1");
        put("*.power", "71500").put("*.powerLimit", "700000").put("*.temperature", "34");
        put("*.slowdown", "89").put("*.shutdown", "92").put("*.utilization", "0");
        put("*.eccCorrected", "0").put("*.eccUncorrected", "0").put("*.remapped", "0 0 0 0");
        put("*.processes", "").put("*.eventTypes", "0x30f");
        for (int chip = 0; chip < count; chip++) {
            put(chip + ".uuid", uuid(chip)).put(chip + ".pci", "0000:%x:00".formatted(0x1b + chip));
            put(chip + ".vbios", "96.00.74.00.0" + chip);
            put(chip + ".serial", "16528230000" + chip);
        }
    }

    static String uuid(int chip) {
        return "GPU-5d3a1f60-0000-4000-8000-00000000000" + chip;
    }

    static String partUuid(int chip, int index) {
        return "MIG-0b6c7d80-0000-4000-8000-0000000000" + chip + index;
    }

    private FakeNvml part(int chip, int index, int instance, int slices, int memoryMib, int start) {
        String key = chip + ".mig." + index + ".";
        put(key + "uuid", partUuid(chip, index)).put(key + "instance", Integer.toString(instance));
        put(key + "slices", Integer.toString(slices)).put(key + "computeSlices", Integer.toString(slices));
        put(key + "processors", Integer.toString(14 * slices)).put(key + "memoryMb", Integer.toString(memoryMib));
        put(key + "memory", Long.toString(memoryMib * MIB)).put(key + "used", Long.toString(12 * MIB));
        put(key + "processes", "4242:104857600");
        return put(key + "start", Integer.toString(start)).put(key + "size", Integer.toString(slices));
    }

    /** For several changes at once; {@link #write} makes them true. */
    FakeNvml put(String key, String value) {
        state.put(key, value);
        return this;
    }

    FakeNvml set(String key, String value) throws IOException {
        return put(key, value).write();
    }

    FakeNvml remove(String key) throws IOException {
        state.remove(key);
        return write();
    }

    /** The library tells an event, to whoever waits for one of its type. */
    void push(int chip, long type, long data, int instance) throws IOException {
        int count = Integer.parseInt(state.getOrDefault("events", "0"));
        put("event." + count, chip + " " + type + " " + data + " " + instance + " -1");
        set("events", Integer.toString(count + 1));
    }

    /** A call sees all of a change or nothing. */
    FakeNvml write() throws IOException {
        StringBuilder text = new StringBuilder();
        state.forEach((key, value) -> text.append(key).append(' ').append(value).append('\n'));
        Path next = library.resolveSibling("state.next");
        Files.writeString(next, text);
        Files.move(next, library.resolveSibling(library.getFileName() + ".state"), StandardCopyOption.ATOMIC_MOVE);
        return this;
    }

    /** What the kernel says of a PCI device. */
    void kernel(String pci, String file, String value) throws IOException {
        Path folder = Files.createDirectories(sysfs.resolve("bus/pci/devices").resolve(pci));
        Files.writeString(folder.resolve(file), value + "\n");
    }

    /** How the library was shut down; empty if it was not. */
    String shutdown() throws IOException {
        Path file = library.resolveSibling(library.getFileName() + ".shutdown");
        return Files.exists(file) ? Files.readString(file) : "";
    }

    NvmlConfig config() {
        return new NvmlConfig(library.toString(), sysfs, 20, 100);
    }

    NvmlDriver open() throws Exception {
        return open(System::nanoTime);
    }

    NvmlDriver open(LongSupplier nanos) throws Exception {
        return Nvml.open(config(), nanos).orElseThrow();
    }
}
