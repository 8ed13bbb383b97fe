package dev.interposer.agent.driver.nvml;

import dev.interposer.agent.driver.Reading;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What devices measure. */
final class Gauges {
    private static final int SENSOR_OF_THE_CHIP = 0;
    private static final int SLOWDOWN = 1;

    private final Queries queries;
    private final Links links;

    Gauges(Queries queries) {
        this.queries = queries;
        this.links = new Links(queries);
    }

    /** Whether a chip is in MIG mode, now; unknown of one that has no such mode. */
    Health.Known split(MemorySegment chip) throws DeviceLostException {
        Optional<int[]> mig = queries.numbers(Call.MIG_MODE, 2, chip);
        return mig.isPresent() ? Health.Known.of(mig.get()[0] == 1) : Health.Known.UNKNOWN;
    }

    /**
     * A partition has the temperature of its chip, and no power of its own; the processes on a chip that is split are
     * those of its partitions, and told of them.
     */
    Reading read(Unit unit, Health.Known split) throws DeviceLostException {
        OptionalInt percent = queries.utilizationPercent(unit.handle());
        Optional<Queries.Memory> memory = queries.memory(unit.handle());
        OptionalInt power = unit.whole() ? queries.number(Call.POWER, unit.handle()) : OptionalInt.empty();
        return new Reading(
                percent.isPresent() ? percent.getAsInt() * 10 : Reading.UNKNOWN,
                memory.isPresent() ? memory.get().usedBytes() : Reading.UNKNOWN,
                temperature(unit.chip()).orElse(Reading.UNKNOWN),
                power.orElse(Reading.UNKNOWN),
                unit.whole() && split == Health.Known.YES ? List.of() : queries.processes(unit.handle()));
    }

    /**
     * What a chip is looked at for.
     *
     * @param instances whether it has any
     */
    Health health(MemorySegment chip, Health.Known split, boolean instances) throws DeviceLostException {
        Optional<int[]> rows = queries.numbers(Call.REMAPPED_ROWS, 4, chip);
        Health.Known rowsPending = rows.isPresent() ? Health.Known.of(rows.get()[2] != 0) : Health.Known.UNKNOWN;
        OptionalInt pages = queries.number(Call.RETIRED_PENDING, chip);
        Health.Known pagesPending = pages.isPresent() ? Health.Known.of(pages.getAsInt() != 0) : Health.Known.UNKNOWN;
        return new Health(
                queries.eccErrors(chip, true).orElse(Health.UNKNOWN),
                queries.eccErrors(chip, false).orElse(Health.UNKNOWN),
                rowsPending.or(pagesPending),
                rows.isPresent() ? Health.Known.of(rows.get()[3] != 0) : Health.Known.UNKNOWN,
                // A chip that is split uses no links: that they are down then says nothing.
                split == Health.Known.YES ? Links.State.UNKNOWN : links.state(chip),
                margin(chip),
                split == Health.Known.YES && instances ? Health.Known.NO : split);
    }

    /** Newer chips tell the degrees that are left, older ones the temperature at which they slow down. */
    private int margin(MemorySegment chip) throws DeviceLostException {
        OptionalInt temperature = temperature(chip);
        OptionalInt slowdown = queries.number(Call.TEMPERATURE_THRESHOLD, chip, SLOWDOWN);
        return temperature.isPresent() && slowdown.isPresent() && slowdown.getAsInt() > 0
                ? slowdown.getAsInt() - temperature.getAsInt()
                : queries.marginCelsius(chip).orElse(Health.COLD);
    }

    private OptionalInt temperature(MemorySegment chip) throws DeviceLostException {
        return queries.number(Call.TEMPERATURE, chip, SENSOR_OF_THE_CHIP);
    }
}
