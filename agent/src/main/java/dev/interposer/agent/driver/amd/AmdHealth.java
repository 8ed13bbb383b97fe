package dev.interposer.agent.driver.amd;

import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.driver.Signal.Kind;
import dev.interposer.agent.driver.Standing;
import dev.interposer.agent.driver.sysfs.SysFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the error counters, bad pages and temperatures of AMD's driver say of health. */
final class AmdHealth {
    /** So many corrected errors within {@link #WINDOW} are many. */
    private static final long MANY_CORRECTED = 100;

    private static final Duration WINDOW = Duration.ofMinutes(10);
    private static final Pattern COUNT = Pattern.compile("(?m)^(ue|ce):\\s*(\\d+)");

    private final Standing standing;
    private final LongSupplier nanos;
    private final Map<String, Counter> counters = new HashMap<>();

    AmdHealth(Standing standing, LongSupplier nanos) {
        this.standing = standing;
        this.nanos = nanos;
    }

    /**
     * What was counted at the last look.
     *
     * @param windowCorrected corrected errors when the window began
     * @param windowNanos when that was
     */
    private record Counter(long uncorrected, long corrected, long windowCorrected, long windowNanos) {}

    void look(AmdChip chip) {
        countErrors(chip);
        lookAtPages(chip);
        lookAtTemperatures(chip);
    }

    /** What has been counted is for the next device of that name to be counted from. */
    void forget(Set<String> present) {
        Set<String> gone = new HashSet<>(counters.keySet());
        gone.removeAll(present);
        for (String device : gone) {
            counters.remove(device);
            standing.forget(device);
        }
    }

    /** The counters run since the driver was loaded: what they hold at the first look was told, or is history. */
    private void countErrors(AmdChip chip) {
        long uncorrected = 0;
        long corrected = 0;
        for (Path block : SysFiles.glob(chip.folder(), "ras/*_err_count")) {
            String text = SysFiles.textOrNull(block);
            Matcher count = COUNT.matcher(text == null ? "" : text);
            while (count.find()) {
                long errors = SysFiles.number(count.group(2), 0);
                uncorrected += count.group(1).equals("ue") ? errors : 0;
                corrected += count.group(1).equals("ce") ? errors : 0;
            }
        }
        long now = nanos.getAsLong();
        Counter before = counters.get(chip.name());
        // Fewer than before: the driver was loaded again, and counts from nothing.
        if (before == null || uncorrected < before.uncorrected || corrected < before.corrected) {
            counters.put(chip.name(), new Counter(uncorrected, corrected, corrected, now));
            return;
        }
        if (uncorrected > before.uncorrected) {
            long more = uncorrected - before.uncorrected;
            happened(chip, Kind.ECC_UNCORRECTED, more + " more uncorrected errors, " + uncorrected + " in all");
        }
        boolean over = now - before.windowNanos >= WINDOW.toNanos();
        long start = over ? before.corrected : before.windowCorrected;
        long since = over ? now : before.windowNanos;
        if (corrected - start >= MANY_CORRECTED) {
            happened(
                    chip,
                    Kind.ECC_CORRECTED,
                    (corrected - start) + " more corrected errors within " + WINDOW.toMinutes() + " minutes, "
                            + corrected + " in all");
            start = corrected;
            since = now;
        }
        counters.put(chip.name(), new Counter(uncorrected, corrected, start, since));
    }

    private void happened(AmdChip chip, Kind kind, String detail) {
        standing.happened(Signal.raised(chip.name(), kind, "", detail));
    }

    /** Each line is {@code page : size : flag}: R is out of use, P is to be, F could not be taken out of use. */
    private void lookAtPages(AmdChip chip) {
        String text = SysFiles.textOrNull(chip.folder().resolve("ras/gpu_vram_bad_pages"));
        List<String> flags = text == null
                ? List.of()
                : text.lines()
                        .map(line -> line.substring(line.lastIndexOf(':') + 1).strip())
                        .toList();
        state(chip, Kind.MEMORY_REMAP_PENDING, flags.contains("P"), "pages of memory are to be taken out of use");
        state(chip, Kind.MEMORY_REMAP_FAILED, flags.contains("F"), "bad pages of memory can't be taken out of use");
    }

    private void lookAtTemperatures(AmdChip chip) {
        String hottest = "";
        for (Path input : SysFiles.glob(chip.folder(), "hwmon/hwmon*/temp*_input")) {
            String sensor = input.getFileName().toString().replace("_input", "");
            long now = SysFiles.number(input, Long.MIN_VALUE);
            long most = SysFiles.number(input.resolveSibling(sensor + "_crit"), 0);
            if (most > 0 && now >= most) {
                String label = SysFiles.textOrNull(input.resolveSibling(sensor + "_label"));
                hottest = (label == null ? sensor : label) + " is at " + now / 1000 + " of at most " + most / 1000
                        + " degrees";
            }
        }
        state(chip, Kind.OVER_TEMPERATURE, !hottest.isEmpty(), hottest);
    }

    private void state(AmdChip chip, Kind kind, boolean there, String detail) {
        if (there) {
            standing.raise(Signal.raised(chip.name(), kind, "", detail));
        } else {
            standing.clear(chip.name(), kind);
        }
    }
}
