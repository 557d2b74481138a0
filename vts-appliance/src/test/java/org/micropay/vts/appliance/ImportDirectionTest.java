package org.micropay.vts.appliance;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Holds the import directions that docs/ARCHITECTURE.md draws. */
class ImportDirectionTest {
  private static final String ROOT = "org.micropay.vts.";

  /** Per module of ours: the modules of ours that it may import. */
  private static final Map<String, List<String>> MAY_IMPORT =
      Map.ofEntries(
          Map.entry("ticket", List.of()),
          Map.entry("secp256k1", List.of()),
          Map.entry("journal", List.of()),
          Map.entry("affinity", List.of()),
          Map.entry("ledger", List.of("ticket")),
          Map.entry("pipeline", List.of("ticket", "ledger")),
          Map.entry("settlement", List.of("ticket", "ledger")),
          Map.entry("merchant", List.of("ticket", "secp256k1")),
          Map.entry("proxy", List.of("ticket", "secp256k1", "merchant")),
          Map.entry("experiments", List.of("ticket", "secp256k1", "merchant", "proxy")),
          Map.entry("transparency", List.of("ticket")),
          Map.entry(
              "audit",
              List.of("ticket", "ledger", "journal", "secp256k1", "settlement", "transparency")),
          Map.entry(
              "simulation",
              List.of("ticket", "secp256k1", "ledger", "journal", "pipeline", "settlement")));

  private static JavaClasses classes;

  @BeforeAll
  static void readClasses() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.micropay.vts");
  }

  @TestFactory
  Stream<DynamicTest> shouldImportOnlyInOneDirection() {
    return MAY_IMPORT.entrySet().stream()
        .map(
            module ->
                DynamicTest.dynamicTest(
                    module.getKey(), () -> checkImports(module.getKey(), module.getValue())));
  }

  private static void checkImports(String module, List<String> allowed) {
    assertFalse(
        classes.stream().noneMatch(c -> c.getPackageName().startsWith(ROOT + module)),
        "no classes of " + module + " were found");
    List<String> forbidden = new ArrayList<>();
    forbidden.add(ROOT + "appliance..");
    MAY_IMPORT.keySet().stream()
        .filter(other -> !other.equals(module) && !allowed.contains(other))
        .forEach(other -> forbidden.add(ROOT + other + ".."));
    noClasses()
        .that()
        .resideInAPackage(ROOT + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(forbidden.toArray(String[]::new))
        .check(classes);
  }

  @Test
  void shouldKeepTheLedgerPure() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "ledger..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.io..", "java.net..", "java.nio.file..", "java.nio.channels..", "java.time..")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.Random")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.security.SecureRandom")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callConstructorWhere(target(owner(assignableTo(Thread.class))))
        .orShould()
        .callMethodWhere(
            target(owner(assignableTo(Thread.class))).and(target(not(name("onSpinWait")))))
        .check(classes);
  }

  @Test
  void shouldLetChronicleInThroughTheJournalAlone() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "journal..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("net.openhft..")
        .check(classes);
  }

  @Test
  void shouldNoticeAForbiddenImport() {
    assertThrows(
        AssertionError.class,
        () ->
            classes()
                .that()
                .resideInAPackage(ROOT + "appliance..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAPackage("java..")
                .check(classes));
  }
}
