package dev.interposer.agent.watch;

import dev.interposer.proto.agent.v1.Device;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How much of its devices a node tells, whichever drivers they are of.
 *
 * <p>A scheduler refuses an inventory of which one word is longer than agent.v1 says, and with it the node and all that
 * runs there, for as long as the word stands. So what is too large is left out here, and the log says what.
 */
final class Bounds {
    static final int MOST_DEVICES = 1024;
    static final int MOST_ATTRIBUTES = 64;
    static final int MOST_NAME_BYTES = 253;
    /** Of a cause, and of the key and the value of an attribute together. */
    static final int MOST_TEXT_BYTES = 1024;
    /** Of all devices without their causes, and of all causes, by the sizes that a scheduler reckons with. */
    static final int MOST_DEVICES_BYTES = 160 * 1024;

    private static final int MOST_CAUSES_BYTES = 48 * 1024;
    private static final long DEVICE_BYTES = 80;
    private static final long ATTRIBUTE_BYTES = 20;
    private static final int MOST_SAID = 1_000;
    /** By these classes match: a device without is of no use. */
    private static final Set<String> CORE = Set.of("vendor", "model");

    private static final Logger LOG = System.getLogger(Bounds.class.getName());

    private final Set<String> said = new HashSet<>();
    private final Set<String> dropped = new HashSet<>();

    /** As much of a device as is told, without its health; null if it can't be told of. */
    @Nullable
    Device within(Device device) {
        String name = device.getName();
        Map<String, String> names =
                Map.of("name", name, "parent_name", device.getParentName(), "partition", device.getPartition());
        for (Map.Entry<String, String> each : names.entrySet()) {
            if (bytes(each.getValue()) > MOST_NAME_BYTES) {
                say("device " + cut(name, 80) + " is left out: " + each.getKey() + " (" + cut(each.getValue(), 80)
                        + ") must have at most " + MOST_NAME_BYTES + " bytes");
                return null;
            }
        }
        if (name.isEmpty()) {
            say("a device without a name is left out: its driver must give it one");
            return null;
        }
        Device.Builder told =
                device.toBuilder().clearHealth().clearHealthCause().clearAttributes();
        if (bytes(device.getScaleUpDomain()) > MOST_NAME_BYTES) {
            say("scale_up_domain (" + cut(device.getScaleUpDomain(), 80) + ") of device " + name
                    + " is left out: it must have at most " + MOST_NAME_BYTES + " bytes");
            told.clearScaleUpDomain();
        }
        Map<String, String> sorted = new TreeMap<>(device.getAttributesMap());
        CORE.forEach(key -> attribute(told, key, sorted.remove(key)));
        sorted.forEach((key, value) -> attribute(told, key, value));
        return told.build();
    }

    private void attribute(Device.Builder told, String key, @Nullable String value) {
        if (value == null || dropped.contains(key)) {
            return;
        }
        String what = "attribute " + cut(key, 80) + " of device " + told.getName() + " is left out: ";
        if (bytes(key) + bytes(value) > MOST_TEXT_BYTES) {
            say(what + "with its value (" + cut(value, 80) + ") it must have at most " + MOST_TEXT_BYTES + " bytes");
        } else if (told.getAttributesCount() == MOST_ATTRIBUTES) {
            say(what + "there must be at most " + MOST_ATTRIBUTES);
        } else {
            told.putAttributes(key, value);
        }
    }

    /** Whether there is room for one more device, of which at least name and model must be told. */
    boolean admits(Collection<Device> known, Device device) {
        long bytes = least(device);
        for (Device other : known) {
            bytes += least(other);
        }
        if (known.size() < MOST_DEVICES && bytes <= MOST_DEVICES_BYTES) {
            return true;
        }
        say("device " + device.getName() + " is left out: a node may have " + MOST_DEVICES + " devices, whose names and"
                + " models have " + MOST_DEVICES_BYTES + " bytes in all");
        return false;
    }

    /**
     * Leaves out attributes of all devices, the largest first, until what is told of them is not too much.
     *
     * @return whether another one is left out, so that all devices are to be bounded anew
     */
    boolean drop(Collection<Device> all) {
        Map<String, Long> sizes = new TreeMap<>();
        long total = 0;
        for (Device device : all) {
            total += least(device);
            for (Map.Entry<String, String> each : device.getAttributesMap().entrySet()) {
                if (!CORE.contains(each.getKey())) {
                    long size = ATTRIBUTE_BYTES + bytes(each.getKey()) + bytes(each.getValue());
                    sizes.merge(each.getKey(), size, Long::sum);
                    total += size;
                }
            }
        }
        boolean more = false;
        while (total > MOST_DEVICES_BYTES && !sizes.isEmpty()) {
            Map.Entry<String, Long> largest =
                    sizes.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
            String name = largest.getKey();
            total -= largest.getValue();
            sizes.remove(name);
            more |= dropped.add(name);
            say("attribute " + name + " of all devices is left out: what is told of all of them must have at most "
                    + MOST_DEVICES_BYTES + " bytes");
        }
        return more;
    }

    /** How long a cause may be where those of all devices are told at once. */
    static int causeBytes(int devices) {
        return Math.clamp(MOST_CAUSES_BYTES / Math.max(1, devices), 1, MOST_TEXT_BYTES);
    }

    private static long least(Device device) {
        long bytes = DEVICE_BYTES
                + bytes(device.getName())
                + bytes(device.getParentName())
                + bytes(device.getPartition())
                + bytes(device.getScaleUpDomain());
        for (String key : CORE) {
            bytes += ATTRIBUTE_BYTES + bytes(key) + bytes(device.getAttributesOrDefault(key, ""));
        }
        return bytes;
    }

    static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** The beginning of a text, with no half of a letter at its end. */
    static String cut(String text, int mostBytes) {
        if (text.length() <= mostBytes / 3) {
            return text;
        }
        int left = mostBytes;
        int end = 0;
        while (end < text.length()) {
            int letter = text.codePointAt(end);
            left -= bytes(Character.toString(letter));
            if (left < 0) {
                break;
            }
            end += Character.charCount(letter);
        }
        return text.substring(0, end);
    }

    private void say(String words) {
        if (said.size() < MOST_SAID && said.add(words)) {
            LOG.log(Level.WARNING, words);
        }
    }
}
