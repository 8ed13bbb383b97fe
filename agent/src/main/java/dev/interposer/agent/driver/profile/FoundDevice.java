package dev.interposer.agent.driver.profile;

import dev.interposer.agent.driver.profile.Profile.Measure;
import dev.interposer.agent.driver.profile.Profile.Source;
import dev.interposer.agent.driver.sysfs.SysFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;

/**
 * A device that a profile found.
 *
 * @param name in the inventory
 * @param index among the devices that the profile finds, in the order of their addresses or entries
 * @param address on its bus
 * @param folder its own in sysfs
 * @param sysRoot root of sysfs
 */
record FoundDevice(String name, int index, String address, Path folder, Path sysRoot) {
    String text(Source source) {
        return switch (source) {
            case Source.Constant constant -> constant.text();
            case Source.FileText file -> {
                String content = SysFiles.textOrNull(file(file.file()));
                Matcher found = file.match().matcher(content == null ? "" : content);
                if (content == null || !found.find()) {
                    yield "";
                }
                String taken = found.groupCount() > 0 ? found.group(1) : found.group();
                yield taken == null ? "" : taken.strip();
            }
        };
    }

    /** The number, or NaN where there is none. */
    double number(Measure measure) {
        try {
            String text = text(measure.source());
            return (text.startsWith("0x") ? Long.decode(text) : Double.parseDouble(text)) * measure.scale();
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /** The first file that the name stands for; where none is, the name as it is, so that the error names it. */
    Path file(String name) {
        Path base = name.startsWith("/") ? sysRoot : folder;
        String relative = name.startsWith("/") ? name.substring(1) : name;
        List<Path> found = SysFiles.glob(base, relative);
        return found.isEmpty() ? base.resolve(relative) : found.getFirst();
    }

    /** Fills in what stands in braces. */
    String filled(String text) {
        String entry = folder.getFileName().toString();
        return text.replace("{index}", Integer.toString(index))
                .replace("{address}", address)
                .replace("{name}", name)
                .replace("{entry}", entry)
                .replace("{number}", entry.replaceFirst("^.*?(\\d*)$", "$1"));
    }
}
