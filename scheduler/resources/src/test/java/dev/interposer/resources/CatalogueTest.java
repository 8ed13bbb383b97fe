package dev.interposer.resources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
import dev.interposer.control.port.DeviceExpressions;
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
import java.util.Map;
import java.util.stream.Collectors;
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
        assertThat(ObjectCheck.check(apply, new State().settings(), DeviceExpressions.NONE))
                .isNull();
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
    void everyFigureIsOnThePageWithItsSource() throws IOException {
        assertThat(unlikeThePage(classes)).isEmpty();
    }

    @Test
    void figuresAndSuppliersThatThePageDoesNotGiveAreFound() throws IOException {
        List<AcceleratorClass> memory = planted("nvidia-h200-sxm", "memory: 141G", "memory: 999G");
        assertThat(unlikeThePage(memory)).singleElement().asString().contains("nvidia-h200-sxm", "999000000000");
        List<AcceleratorClass> flops = planted("nvidia-l40s", "flops: 362T", "flops: 3T");
        assertThat(unlikeThePage(flops)).singleElement().asString().contains("nvidia-l40s", "3000000000000");
        List<AcceleratorClass> supplier = planted(
                "inhouse-a1",
                "{supplierName: micron, percent: 50}, {supplierName: samsung, percent: 50}",
                "{supplierName: unknown, percent: 100}");
        assertThat(unlikeThePage(supplier)).singleElement().asString().contains("inhouse-a1", "MEMORY");
        List<AcceleratorClass> estimate =
                planted("amd-mi300x", "Foundry, evidence: Estimate, suppliers", "Foundry, suppliers");
        assertThat(unlikeThePage(estimate)).singleElement().asString().contains("amd-mi300x", "FOUNDRY");
    }

    @Test
    void noneSaysHowManyReferenceDevicesItCountsAs() {
        assertThat(classes)
                .extracting(AcceleratorClass::referenceMilli)
                .containsOnly(AcceleratorClass.REFERENCE_DEVICE);
    }

    private List<String> unlikeThePage(List<AcceleratorClass> read) throws IOException {
        Map<String, String> names = suppliers.stream().collect(Collectors.toMap(Supplier::name, Supplier::displayName));
        return new CataloguePage(Files.readString(Path.of("../../docs/CATALOGUE.md")), names).unlike(read);
    }

    /** One class as a file would have it with some words changed. */
    private static List<AcceleratorClass> planted(String name, String before, String after) throws IOException {
        try (Stream<Path> files = Files.list(CATALOGUE)) {
            for (Path file : files.toList()) {
                for (String document : Files.readString(file).split("---\n", -1)) {
                    if (document.contains("name: " + name + "}")) {
                        assertThat(document).contains(before);
                        return List.of(((Manifest.ChipClass) Manifests.parse(document.replace(before, after))
                                        .getFirst())
                                .chipClass());
                    }
                }
            }
        } catch (ManifestException e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("no class " + name);
    }
}
