package dev.interposer.tests.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows between modules and packages, each with its reason. */
class ModuleArrowsTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.interposer");

    @Test
    void theEngineNeedsNothingButTheJdk() {
        classes()
                .that()
                .resideInAPackage("dev.interposer.engine..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.interposer.engine..", "java..", "org.jspecify..")
                .because("a decision must be replayed anywhere, byte for byte, so nothing may leak into it")
                .check(CLASSES);
    }

    @Test
    void controlKnowsTheEngineOnly() {
        classes()
                .that()
                .resideInAPackage("dev.interposer.control..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.interposer.control..", "dev.interposer.engine..", "java..", "org.jspecify..")
                .because("the simulator runs the same classes over its own ports, without a server or a database")
                .check(CLASSES);
    }

    @Test
    void theMarketKnowsTheEngineOnly() {
        classes()
                .that()
                .resideInAPackage("dev.interposer.market..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.interposer.market..", "dev.interposer.engine..", "java..", "org.jspecify..")
                .because("measures are taken of a state, wherever that comes from: a server, a dump, a simulation")
                .check(CLASSES);
    }

    @Test
    void theEngineDecidesWithoutTheMarket() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.interposer.engine..", "dev.interposer.control..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.interposer.market..")
                .because("what a decision reads is an event; measures are for people, off the hot path")
                .check(CLASSES);
    }

    @Test
    void theLedgerKnowsNoServer() {
        noClasses()
                .that()
                .resideInAPackage("dev.interposer.ledger..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.interposer.server..",
                        "dev.interposer.resources..",
                        "dev.interposer.agent..",
                        "io.quarkus..")
                .because("codec and fencing are run by the simulator and by tests of their own")
                .check(CLASSES);
    }

    @Test
    void resourcesAreInputOnly() {
        noClasses()
                .that()
                .resideInAPackage("dev.interposer.resources..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.interposer.server..",
                        "dev.interposer.ledger..",
                        "dev.interposer.agent..",
                        "dev.interposer.proto..")
                .because("the command line and the server share one parser and one validator")
                .check(CLASSES);
    }

    @Test
    void theAgentKnowsTheContractsOnly() {
        noClasses()
                .that()
                .resideInAPackage("dev.interposer.agent..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.interposer.engine..",
                        "dev.interposer.control..",
                        "dev.interposer.ledger..",
                        "dev.interposer.resources..",
                        "dev.interposer.simulation..",
                        "dev.interposer.server..",
                        "dev.interposer.cli..")
                .because("agents and servers of different releases meet in the field, on the wire only")
                .check(CLASSES);
    }

    @Test
    void theCommandLineMeetsTheServerOnTheWire() {
        noClasses()
                .that()
                .resideInAPackage("dev.interposer.cli..")
                .and()
                .doNotHaveSimpleName("FsckCommand")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.interposer.control..",
                        "dev.interposer.ledger..",
                        "dev.interposer.server..",
                        "dev.interposer.agent..",
                        "dev.interposer.engine.state..",
                        "dev.interposer.engine.event..",
                        "dev.interposer.engine.plan..")
                .because("it works against a server of another release; of ours it knows the parser and the replay;"
                        + " fsck alone reads a database that no server serves")
                .check(CLASSES);
    }

    @Test
    void theSimulationRunsWhatIsProductionAndNoShell() {
        noClasses()
                .that()
                .resideInAPackage("dev.interposer.simulation..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.interposer.server..",
                        "dev.interposer.cli..",
                        "dev.interposer.ledger.jdbc..",
                        "dev.interposer.ledger.embedded..",
                        "dev.interposer.agent.link..",
                        "dev.interposer.agent.runtime..",
                        "dev.interposer.agent.journal..",
                        "java.net..",
                        "java.sql..")
                .because("a world is its seed: no socket, database or process may have a say in it")
                .check(CLASSES);
    }

    @Test
    void onlyTheServerKnowsQuarkus() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.interposer.server..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.quarkus..", "jakarta.enterprise..", "jakarta.inject..", "jakarta.ws.rs..")
                .because("everything but the shell must run without a container")
                .check(CLASSES);
    }

    @Test
    void onePackageSpeaksTheLanguageOfExpressions() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.interposer.server.dra..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.cel..")
                .because("what an expression may cost is bounded in one place")
                .check(CLASSES);
    }

    @Test
    void thePrivateContractOfTheLedgerStaysInTheLedger() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.interposer.ledger..", "dev.interposer.proto.ledger..", "dev.interposer.simulation.fault..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.interposer.proto.ledger..")
                .because("the form of stored events changes by upcasting in one place; the simulator's checker alone"
                        + " reads the frames itself, so that it shares no code with what it checks")
                .check(CLASSES);
    }

    @Test
    void theModelOfTheEngineStandsAlone() {
        noClasses()
                .that()
                .resideInAPackage("dev.interposer.engine.model..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.interposer.engine.event..",
                        "dev.interposer.engine.state..",
                        "dev.interposer.engine.fleet..",
                        "dev.interposer.engine.order..",
                        "dev.interposer.engine.fit..",
                        "dev.interposer.engine.placement..",
                        "dev.interposer.engine.sourcing..",
                        "dev.interposer.engine.explain..",
                        "dev.interposer.engine.nearest..",
                        "dev.interposer.engine.plan..")
                .because("oracles and codecs share the values and nothing of what decides")
                .check(CLASSES);
    }

    @Test
    void theFoldKnowsNothingOfDeciding() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.interposer.engine.state..", "dev.interposer.engine.event..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.interposer.engine.fleet..",
                        "dev.interposer.engine.order..",
                        "dev.interposer.engine.fit..",
                        "dev.interposer.engine.placement..",
                        "dev.interposer.engine.sourcing..",
                        "dev.interposer.engine.explain..",
                        "dev.interposer.engine.nearest..",
                        "dev.interposer.engine.plan..")
                .because("replay folds and never decides again; the read side folds without arrays")
                .check(CLASSES);
    }
}
