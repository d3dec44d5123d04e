package dev.sluice;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may import whom. */
class RoomsTest {

  private static final String ROOT = "dev.sluice.";

  /** Each room, and the rooms and libraries that it may use beside the JDK and itself. */
  private static final Map<String, Set<String>> TABLE =
      Map.ofEntries(
          Map.entry("event", Set.of()),
          Map.entry("codec", Set.of("event", "com.fasterxml.jackson.core")),
          Map.entry("features", Set.of("event")),
          Map.entry("control", Set.of("event")),
          Map.entry(
              "model",
              Set.of(
                  "event",
                  "features",
                  "org.tribuo",
                  "com.oracle.labs.mlrg",
                  "com.google.protobuf")),
          Map.entry("ledger", Set.of("event", "org.roaringbitmap")),
          Map.entry("kafka", Set.of("ledger", "org.apache.kafka", "org.slf4j")),
          Map.entry(
              "state",
              Set.of(
                  "control",
                  "event",
                  "features",
                  "ledger",
                  "model",
                  "org.apache.flink",
                  "org.roaringbitmap")),
          Map.entry(
              "job",
              Set.of(
                  "control",
                  "event",
                  "codec",
                  "kafka",
                  "model",
                  "state",
                  "org.apache.flink",
                  "org.apache.kafka",
                  "org.snakeyaml",
                  "org.slf4j",
                  "ledger")),
          Map.entry(
              "job.fence",
              Set.of(
                  "event",
                  "codec",
                  "kafka",
                  "ledger",
                  "state",
                  "job",
                  "org.apache.flink",
                  "org.apache.kafka",
                  "org.slf4j")),
          Map.entry(
              "job.source",
              Set.of(
                  "kafka", "ledger", "job", "org.apache.flink", "org.apache.kafka", "org.slf4j")),
          Map.entry(
              "job.enrich",
              Set.of(
                  "event",
                  "codec",
                  "state",
                  "job",
                  "org.apache.flink",
                  "io.github.resilience4j",
                  "org.slf4j")),
          Map.entry(
              "ops",
              Set.of(
                  "control",
                  "event",
                  "codec",
                  "job",
                  "kafka",
                  "ledger",
                  "model",
                  "org.apache.kafka",
                  "org.roaringbitmap",
                  "org.tribuo",
                  "com.fasterxml.jackson",
                  "features",
                  "state",
                  "org.apache.flink")),
          Map.entry("ops.lint", Set.of("org.snakeyaml", "org.apache.flink.util")),
          Map.entry("ops.receipt", Set.of("ops.refusal", "com.fasterxml.jackson")),
          Map.entry("ops.report", Set.of("ops.receipt")),
          Map.entry("ops.refusal", Set.of()),
          Map.entry("ops.flink", Set.of("com.fasterxml.jackson", "org.apache.flink.configuration")),
          Map.entry(
              "ops.stop",
              Set.of(
                  "job",
                  "ledger",
                  "ops.broker",
                  "ops.flink",
                  "ops.receipt",
                  "ops.refusal",
                  "ops.snapshot",
                  "com.fasterxml.jackson",
                  "org.apache.flink.connector.base")),
          Map.entry(
              "ops.resume",
              Set.of(
                  "job",
                  "ledger",
                  "ops.broker",
                  "ops.flink",
                  "ops.receipt",
                  "ops.refusal",
                  "ops.snapshot",
                  "ops.stop",
                  "org.apache.flink.connector.base")),
          Map.entry(
              "ops.control",
              Set.of("event", "codec", "ops", "org.apache.kafka", "com.fasterxml.jackson")),
          Map.entry(
              "ops.replay",
              Set.of(
                  "event",
                  "codec",
                  "kafka",
                  "ledger",
                  "ops.broker",
                  "ops.refusal",
                  "org.apache.kafka")),
          Map.entry("ops.broker", Set.of("kafka", "ledger", "ops.refusal", "org.apache.kafka")),
          Map.entry(
              "ops.snapshot",
              Set.of(
                  "control",
                  "event",
                  "features",
                  "job",
                  "ledger",
                  "model",
                  "ops.receipt",
                  "state",
                  "org.apache.flink",
                  "org.rocksdb")),
          Map.entry(
              "ops.audit",
              Set.of(
                  "ops.broker",
                  "ops.refusal",
                  "ops.snapshot",
                  "event",
                  "codec",
                  "job",
                  "kafka",
                  "ledger",
                  "model",
                  "org.apache.kafka",
                  "org.roaringbitmap")),
          Map.entry(
              "demo",
              Set.of(
                  "event",
                  "codec",
                  "ops",
                  "org.apache.kafka",
                  "com.fasterxml.jackson",
                  "org.slf4j")),
          Map.entry(
              "guard",
              Set.of(
                  "ops.flink",
                  "ops.receipt",
                  "ops.stop",
                  "com.fasterxml.jackson",
                  "io.micrometer",
                  "org.eclipse.jetty")),
          Map.entry(
              "cli",
              Set.of(
                  "event",
                  "ops",
                  "demo",
                  "guard",
                  "job",
                  "features",
                  "ledger",
                  "model",
                  "picocli",
                  "org.snakeyaml",
                  "com.fasterxml.jackson")));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.sluice");

  static Stream<String> rooms() {
    return TABLE.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("rooms")
  void roomUsesOnlyWhatTheTableAllows(String room) {
    List<String> allowed =
        new ArrayList<>(List.of("java..", "javax..", "org.jspecify.annotations.."));
    allowed.add(ROOT + room + "..");
    for (String other : TABLE.get(room)) {
      allowed.add((TABLE.containsKey(other) ? ROOT + other : other) + "..");
    }
    classes()
        .that()
        .resideInAPackage(ROOT + room + "..")
        .and()
        .resideOutsideOfPackages(roomsWithin(room))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(allowed.toArray(String[]::new))
        .check(CLASSES);
  }

  /** Those have lines of their own. */
  private static String[] roomsWithin(String room) {
    return TABLE.keySet().stream()
        .filter(other -> other.startsWith(room + "."))
        .map(other -> ROOT + other + "..")
        .toArray(String[]::new);
  }

  @Test
  void everyClassIsInARoomOfTheTable() {
    Set<String> found =
        CLASSES.stream()
            .map(JavaClass::getPackageName)
            .map(name -> name.substring(ROOT.length()))
            .collect(Collectors.toSet());
    assertThat(TABLE.keySet()).containsAll(found);
  }

  @Test
  void nothingIsStoredByJavaSerialisationOrKryo() {
    noClasses()
        .that()
        .resideInAnyPackage(
            ROOT + "state..", ROOT + "model..", ROOT + "features..", ROOT + "event..")
        .and()
        .doNotHaveSimpleName("ChampionScan") // which looks for such streams in foreign files
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.io\\.Object(In|Out)putStream|com\\.esotericsoftware\\..*")
        .check(CLASSES);
  }
}
