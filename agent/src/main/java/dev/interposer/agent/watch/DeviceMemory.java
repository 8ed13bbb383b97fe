package dev.interposer.agent.watch;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.health.Fading;
import dev.interposer.agent.health.Falls;
import dev.interposer.agent.health.Verdict;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.Health;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one agent leaves to the next about a node's devices, until the machine restarts.
 *
 * <p>Without it an agent whose driver does not answer at its start would say that the node has no devices, and what
 * runs on them would be stopped; and a device that failed for good would be well again.
 *
 * <p>A file of lines: {@code boot ID}, {@code device DRIVER BASE64}, {@code fact DEVICE KIND CODE DETAIL},
 * {@code state DEVICE KIND CODE DETAIL}, {@code fading DEVICE KIND CODE DETAIL UNTIL}, {@code falls DEVICE WORST CAUSE
 * AT,AT…}. Times are milliseconds of the clock that the agent tells its devices, which on Linux counts from the boot,
 * as the file does; who takes them in believes none that is further away than it could be.
 */
public final class DeviceMemory {
    private static final Logger LOG = System.getLogger(DeviceMemory.class.getName());

    private static final String FORGET = "forget";

    private final Path file;
    private final String bootId;

    /**
     * What is remembered.
     *
     * @param devices by the name of their driver
     * @param facts that last until the machine restarts
     * @param states that made devices ill when the agent was last heard; they may be over
     * @param fading what made them ill and ends by itself
     * @param falls when each device fell ill, of those that did so lately
     */
    record Remembered(
            Map<String, List<Device>> devices,
            List<Signal> facts,
            List<Signal> states,
            List<Fading> fading,
            Map<String, Falls> falls) {
        static final Remembered NOTHING = new Remembered(Map.of(), List.of(), List.of(), List.of(), Map.of());

        /** Without the devices of drivers that this agent does not have: nobody would ever say how those are. */
        Remembered of(Set<String> drivers) {
            Map<String, List<Device>> left = new TreeMap<>(devices);
            left.keySet().retainAll(drivers);
            return new Remembered(left, facts, states, fading, falls);
        }
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
        List<Signal> states = new ArrayList<>();
        List<Fading> fading = new ArrayList<>();
        Map<String, Falls> falls = new TreeMap<>();
        for (String line : lines) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "device" ->
                    devices.computeIfAbsent(word(words, 1), _ -> new ArrayList<>())
                            .add(Device.parseFrom(Base64.getDecoder().decode(raw(words, 2))));
                case "fact" -> facts.add(signal(words));
                case "state" -> states.add(signal(words));
                case "fading" -> fading.add(new Fading(signal(words), Long.parseLong(raw(words, 5))));
                case "falls" -> falls.put(word(words, 1), falls(words));
                default -> throw new IllegalArgumentException("a line begins with " + words[0]);
            }
        }
        return new Remembered(devices, facts, states, fading, falls);
    }

    private static Falls falls(String[] words) {
        Verdict worst = new Verdict(Health.valueOf(raw(words, 2)), word(words, 3));
        return new Falls(
                Stream.of(raw(words, 4).split(",", -1)).map(Long::valueOf).toList(), worst);
    }

    private static Signal signal(String[] words) {
        return Signal.raised(word(words, 1), Signal.Kind.valueOf(word(words, 2)), word(words, 3), word(words, 4));
    }

    private static String line(String begins, Signal signal) {
        return begins + " " + encode(signal.device()) + " " + signal.kind() + " " + encode(signal.code()) + " "
                + encode(signal.detail());
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

    /**
     * Leaves it; what can't be written is logged, and the old is kept.
     *
     * @return whether it was written
     */
    boolean save(Remembered remembered) {
        List<String> lines = new ArrayList<>();
        lines.add("boot " + bootId);
        remembered.devices.forEach((driver, devices) -> devices.forEach(device -> lines.add(
                "device " + encode(driver) + " " + Base64.getEncoder().encodeToString(device.toByteArray()))));
        remembered.facts.forEach(fact -> lines.add(line("fact", fact)));
        remembered.states.forEach(state -> lines.add(line("state", state)));
        remembered.fading.forEach(fading -> lines.add(line("fading", fading.signal()) + " " + fading.untilMillis()));
        remembered.falls.forEach((device, falls) -> lines.add("falls " + encode(device) + " "
                + falls.worst().health() + " " + encode(falls.worst().cause()) + " "
                + falls.atMillis().stream().map(String::valueOf).collect(Collectors.joining(","))));
        try {
            Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
            Files.write(fresh, lines);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "what the next agent should know can't be written to " + file, e);
            return false;
        }
    }

    /**
     * Devices whose lasting facts are to be forgotten, by an operator's word; each is told once. The word is a file
     * beside this one, for an agent need not run when it is given.
     */
    Set<String> toForget() {
        Path word = file.resolveSibling(FORGET);
        if (!Files.exists(word)) {
            return Set.of();
        }
        try {
            Set<String> devices = Set.copyOf(Files.readAllLines(word));
            Files.delete(word);
            return devices;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "what is to be forgotten can't be read and deleted: " + word, e);
            return Set.of();
        }
    }

    /**
     * Leaves the word that a device is mended with each node that has it.
     *
     * @param stateFolder of the agent
     * @return folders of the nodes
     */
    public static List<Path> askToForget(Path stateFolder, String device) throws IOException {
        List<Path> nodes = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(stateFolder, Files::isDirectory)) {
            for (Path folder : folders) {
                Path file = folder.resolve("devices");
                if (Files.exists(file) && knows(file, device)) {
                    Files.writeString(
                            folder.resolve(FORGET),
                            device + "\n",
                            StandardOpenOption.CREATE,
                            StandardOpenOption.APPEND);
                    nodes.add(folder);
                }
            }
        }
        return nodes;
    }

    private static boolean knows(Path file, String device) throws IOException {
        List<String> lines = Files.readAllLines(file);
        return lines.size() > 1
                && parse(lines.subList(1, lines.size())).devices().values().stream()
                        .flatMap(List::stream)
                        .anyMatch(known -> known.getName().equals(device));
    }

    private static String encode(String word) {
        return URLEncoder.encode(word, StandardCharsets.UTF_8);
    }
}
