package dev.interposer.resources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
import dev.interposer.control.validate.ObjectCheck;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.MatchRule;
import dev.interposer.engine.model.AcceleratorClass.TierSupply;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.state.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The classes of {@code examples/catalogue/}: sound, told apart, and each figure with a source. */
class CatalogueTest {
    private static final Path CATALOGUE = Path.of("../../examples/catalogue");

    private final List<Supplier> suppliers = new ArrayList<>();
    private final List<AcceleratorClass> classes = new ArrayList<>();

    @BeforeEach
    void read() throws Exception {
        try (Stream<Path> files = Files.list(CATALOGUE)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".yaml"))
                    .sorted()
                    .toList()) {
                read(file);
            }
        }
    }

    private void read(Path file) throws IOException, ManifestException {
        for (Manifest manifest : Manifests.parse(Files.readString(file))) {
            switch (manifest) {
                case Manifest.Supplier supplier -> suppliers.add(supplier.supplier());
                case Manifest.ChipClass chipClass -> classes.add(chipClass.chipClass());
                default -> {
                    // Other kinds are other tests' business.
                }
            }
        }
    }

    @Test
    void allMayBeAppliedTogether() {
        assertThat(classes).hasSizeGreaterThanOrEqualTo(20);
        Command.ApplyObjects apply = new Command.ApplyObjects(Actor.SCHEDULER, suppliers, classes, List.of());
        assertThat(ObjectCheck.check(apply, new State().settings())).isNull();
    }

    @Test
    void everyClassSaysWhatItKnowsOfEachTierButTheSeller() {
        assertThat(classes).allSatisfy(chipClass -> {
            assertThat(chipClass.memoryBytes()).as(chipClass.name()).isPositive();
            assertThat(chipClass.throughput()).as(chipClass.name()).isNotEmpty();
            assertThat(chipClass.supply())
                    .as(chipClass.name())
                    .extracting(TierSupply::tier)
                    .contains(Tier.DESIGNER, Tier.FOUNDRY, Tier.MEMORY, Tier.PACKAGING);
        });
    }

    @Test
    void noRuleOfOneClassIsThatOfAnother() {
        List<MatchRule> rules = classes.stream()
                .flatMap(chipClass -> chipClass.match().stream())
                .toList();
        assertThat(rules).doesNotHaveDuplicates();
    }

    @Test
    void everyClassHasItsRowOfSources() throws IOException {
        String page = Files.readString(Path.of("../../docs/CATALOGUE.md"));
        // Rows speak of "nvidia-a100-sxm-40, -80" together.
        assertThat(classes)
                .allSatisfy(
                        chipClass -> assertThat(page).contains(chipClass.name().replaceAll("-(40|80)$", "-40")));
    }
}
