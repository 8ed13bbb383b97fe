package dev.interposer.agent.watch;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interposer.agent.driver.Signal;
import dev.interposer.proto.agent.v1.Device;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one agent leaves to the next about a node's devices, until the machine restarts.
 *
 * <p>Without it an agent whose driver does not answer at its start would say that the node has no devices, and what
 * runs on them would be stopped; and a device that failed for good would be well again.
 *
 * <p>A file of lines: {@code boot ID}, {@code device DRIVER BASE64}, {@code fact DEVICE KIND CODE DETAIL}.
 */
public final class DeviceMemory {
    private static final Logger LOG = System.getLogger(DeviceMemory.class.getName());

    private final Path file;
    private final String bootId;

    /**
     * What is remembered.
     *
     * @param devices by the name of their driver
     * @param facts that last
     */
    record Remembered(Map<String, List<Device>> devices, List<Signal> facts) {
        static final Remembered NOTHING = new Remembered(Map.of(), List.of());
    }

    public DeviceMemory(Path file, String bootId) {
        this.file = file;
        this.bootId = bootId;
    }

    /** Nothing if there is none, if it is of an earlier boot, or if it can't be read. */
    Remembered load() {
        if (!Files.exists(file)) {
            return Remembered.NOTHING;
        }
        try {
            List<String> lines = Files.readAllLines(file);
            return lines.isEmpty() || !lines.getFirst().equals("boot " + bootId)
                    ? Remembered.NOTHING
                    : parse(lines.subList(1, lines.size()));
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.WARNING, "what an earlier agent left in " + file + " can't be read and is not used", e);
            return Remembered.NOTHING;
        }
    }

    private static Remembered parse(List<String> lines) throws InvalidProtocolBufferException {
        Map<String, List<Device>> devices = new TreeMap<>();
        List<Signal> facts = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "device" ->
                    devices.computeIfAbsent(word(words, 1), _ -> new ArrayList<>())
                            .add(Device.parseFrom(Base64.getDecoder().decode(raw(words, 2))));
                case "fact" ->
                    facts.add(Signal.raised(
                            word(words, 1), Signal.Kind.valueOf(word(words, 2)), word(words, 3), word(words, 4)));
                default -> throw new IllegalArgumentException("a line begins with " + words[0]);
            }
        }
        return new Remembered(devices, facts);
    }

    private static String word(String[] words, int at) {
        return URLDecoder.decode(raw(words, at), StandardCharsets.UTF_8);
    }

    private static String raw(String[] words, int at) {
        if (at >= words.length) {
            throw new IllegalArgumentException("a line of " + words[0] + " is too short");
        }
        return words[at];
    }

    /** Leaves it; what can't be written is logged, and the old is kept. */
    void save(Remembered remembered) {
        List<String> lines = new ArrayList<>();
        lines.add("boot " + bootId);
        remembered.devices.forEach((driver, devices) -> devices.forEach(device -> lines.add(
                "device " + encode(driver) + " " + Base64.getEncoder().encodeToString(device.toByteArray()))));
        for (Signal fact : remembered.facts) {
            lines.add("fact " + encode(fact.device()) + " " + fact.kind() + " " + encode(fact.code()) + " "
                    + encode(fact.detail()));
        }
        try {
            Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
            Files.write(fresh, lines);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "what the next agent should know can't be written to " + file, e);
        }
    }

    private static String encode(String word) {
        return URLEncoder.encode(word, StandardCharsets.UTF_8);
    }
}
