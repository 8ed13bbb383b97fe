package dev.interposer.tests.arch;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.junit.jupiter.api.Test;

/** What keeps decisions and the state machine around them the same on every machine and at every replay. */
class PurityTest {
    private static final String[] PURE = {
        "dev.interposer.engine..", "dev.interposer.control..", "dev.interposer.market.."
    };
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.interposer.engine", "dev.interposer.control", "dev.interposer.market");
    private static final DescribedPredicate<JavaClass> FLOATING =
            belongToAnyOf(float.class, double.class, Float.class, Double.class).as("a floating-point number");

    @Test
    void noClockIsRead() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(java.time.Clock.class, java.util.Random.class, java.security.SecureRandom.class)
                .because("the time of a page is the only clock, and a seed comes from outside")
                .check(CLASSES);
    }

    @Test
    void noThreadIsStartedAndNothingIsLogged() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.logging..", "java.lang.System$Logger..", "java.net..", "java.nio.file..")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(Thread.class, java.util.concurrent.ExecutorService.class)
                .because("threads, logs and files belong to the shell")
                .check(CLASSES);
    }

    @Test
    void nothingIsHeldInFloatingPoint() {
        fields().that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(PURE)
                .should()
                .notHaveRawType(FLOATING)
                .because("sums of floating-point numbers depend on their order; fixed point does not")
                .check(CLASSES);
        methods()
                .that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(PURE)
                .should()
                .notHaveRawReturnType(FLOATING)
                .because("sums of floating-point numbers depend on their order; fixed point does not")
                .check(CLASSES);
    }

    @Test
    void noStateIsStatic() {
        fields().that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(PURE)
                .and()
                .areStatic()
                .should(beFinal())
                .because("two states in one process must not meet")
                .check(CLASSES);
    }

    private static ArchCondition<JavaField> beFinal() {
        return new ArchCondition<>("be final") {
            @Override
            public void check(JavaField field, ConditionEvents events) {
                boolean held = field.getModifiers().contains(JavaModifier.FINAL);
                events.add(new SimpleConditionEvent(field, held, field.getFullName() + " is static and not final"));
            }
        };
    }
}
