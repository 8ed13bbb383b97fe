package dev.interposer.market;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.SupplierShare;
import dev.interposer.engine.model.AcceleratorClass.TierSupply;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.sourcing.SupplyCounters.Cell;
import dev.interposer.engine.sourcing.SupplyCounters.Count;
import dev.interposer.engine.state.State;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Figures that can be worked out by hand. */
class ConcentrationTest {
    @Test
    void oneFirmIsTenThousandAndEqualFirmsAreTheirNumber() {
        assertThat(Concentration.of(List.of(7L))).isEqualTo(new Concentration(10_000, 1000, 100_000));
        assertThat(Concentration.of(List.of(5L, 5L, 5L, 5L))).isEqualTo(new Concentration(2500, 4000, 25_000));
        assertThat(Concentration.of(List.of())).isEqualTo(Concentration.NONE);
    }

    @Test
    void aMarketOfSixtyThirtyTenIs4600() {
        assertThat(Concentration.of(List.of(60L, 30L, 10L))).isEqualTo(new Concentration(4600, 2174, 60_000));
    }

    @Test
    void amountsOfALargeFleetDoNotOverflow() {
        long large = Long.MAX_VALUE / 4;
        assertThat(Concentration.of(List.of(large, large)).hhi()).isEqualTo(5000);
    }

    @Test
    void unknownSuppliersGiveAnInterval() {
        State state = new State();
        state.apply(
                1,
                1,
                new SettingEvent.ClassApplied(AcceleratorClass.of("a", "north").suppliedBy(List.of(tier("fab", 100)))));
        state.apply(
                2,
                2,
                new SettingEvent.ClassApplied(AcceleratorClass.of("b", "south")
                        .counting(2000)
                        .suppliedBy(List.of(tier("mill", 50, "unknown", 50)))));
        Map<Cell, Count> counts = new TreeMap<>(Comparator.comparing(Cell::className));
        counts.put(new Cell("a", ""), new Count(40_000, 40_000, 0));
        counts.put(new Cell("b", ""), new Count(30_000, 20_000, 10_000));

        TierShares shares = TierShares.of(counts, state.settings(), Tier.FOUNDRY, Measure.INSTALLED);

        // 40 reference devices of fab, 30 of mill, 30 of somebody.
        assertThat(shares.units()).isEqualTo(100 * TierShares.UNITS_OF_DEVICE);
        assertThat(shares.unknownMilliPercent()).isEqualTo(30_000);
        assertThat(shares.suppliers())
                .extracting(TierShares.Share::supplierName, TierShares.Share::leastMilliPercent)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("fab", 40_000),
                        org.assertj.core.groups.Tuple.tuple("mill", 30_000));
        assertThat(shares.suppliers().getFirst().mostMilliPercent()).isEqualTo(70_000);
        assertThat(shares.least()).isEqualTo(new Concentration(3400, 2941, 40_000));
        assertThat(shares.most()).isEqualTo(new Concentration(5800, 1724, 70_000));
        assertThat(TierShares.of(counts, state.settings(), Tier.DESIGNER, Measure.ALLOCATED)
                        .suppliers())
                .singleElement()
                .extracting(TierShares.Share::supplierName)
                .isEqualTo("south");
    }

    @Test
    void aSellerOfNodesMakesNoMoreFirmsAtOtherTiers() {
        State state = new State();
        state.apply(1, 1, new SettingEvent.ClassApplied(AcceleratorClass.of("a", "north")));
        state.apply(2, 2, new SettingEvent.ClassApplied(AcceleratorClass.of("b", "south")));
        Map<Cell, Count> counts = Map.of(
                new Cell("a", ""), new Count(2000, 2000, 0),
                new Cell("a", "dealer"), new Count(1000, 0, 0),
                new Cell("a", "unknown"), new Count(1000, 0, 0),
                new Cell("b", ""), new Count(4000, 0, 0));
        for (Tier tier : List.of(Tier.FOUNDRY, Tier.MEMORY, Tier.PACKAGING)) {
            TierShares shares = TierShares.of(counts, state.settings(), tier, Measure.INSTALLED);
            assertThat(shares.least()).isEqualTo(new Concentration(5000, 2000, 50_000));
            assertThat(shares.most().hhi()).isEqualTo(10_000);
        }
        TierShares sellers = TierShares.of(counts, state.settings(), Tier.SELLER, Measure.INSTALLED);
        assertThat(sellers.suppliers())
                .singleElement()
                .extracting(TierShares.Share::supplierName)
                .isEqualTo("dealer");
        // Of eight: one dealer's, two and one of a, four of b.
        assertThat(sellers.least()).isEqualTo(new Concentration(3438, 2909, 50_000));
    }

    @Test
    void whereNobodyIsKnownTheIntervalEndsAtOneFirm() {
        State state = new State();
        state.apply(1, 1, new SettingEvent.ClassApplied(AcceleratorClass.of("a", "north")));
        state.apply(2, 2, new SettingEvent.ClassApplied(AcceleratorClass.of("b", "south")));
        Map<Cell, Count> counts =
                Map.of(new Cell("a", ""), new Count(1000, 0, 0), new Cell("b", ""), new Count(1000, 0, 0));
        TierShares shares = TierShares.of(counts, state.settings(), Tier.PACKAGING, Measure.INSTALLED);
        assertThat(shares.least().hhi()).isEqualTo(5000);
        assertThat(shares.most().hhi()).isEqualTo(10_000);
    }

    private static TierSupply tier(Object... namesAndPercents) {
        List<SupplierShare> shares = new java.util.ArrayList<>();
        for (int index = 0; index < namesAndPercents.length; index += 2) {
            shares.add(new SupplierShare((String) namesAndPercents[index], (Integer) namesAndPercents[index + 1]));
        }
        return new TierSupply(Tier.FOUNDRY, false, shares);
    }
}
