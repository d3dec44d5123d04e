package dev.sluice;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.sluice.event.Origin;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.flink.JobManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which package may import which. The table is exact: bytecode and source imports stay within it,
 * and every permission in it is used.
 */
class PackageDependenciesTest {

  private static final String ROOT = "dev.sluice.";
  private static final Path SOURCES = Path.of("src/main/java/dev/sluice");
  private static final Pattern IMPORT = Pattern.compile("(?m)^import (?:static )?([\\w.]+);");
  private static final List<String> ALWAYS = List.of("java.", "javax.", "org.jspecify.");

  /**
   * Each package with what it may import: packages of this project by their name below {@code
   * dev.sluice}, libraries by their package's beginning. The JDK is open to all.
   */
  private static final Map<String, Set<String>> TABLE =
      Map.ofEntries(
          entry("event", Set.of()),
          entry("codec", Set.of("event", "com.fasterxml.jackson.core")),
          entry("features", Set.of("event")),
          entry("control", Set.of("event")),
          entry(
              "model",
              Set.of(
                  "event",
                  "features",
                  "org.tribuo",
                  "com.oracle.labs.mlrg",
                  "com.google.protobuf")),
          entry("ledger", Set.of("event", "org.roaringbitmap")),
          entry("kafka", Set.of("ledger", "org.apache.kafka", "org.slf4j")),
          entry(
              "state",
              Set.of(
                  "codec",
                  "control",
                  "event",
                  "features",
                  "ledger",
                  "model",
                  "org.apache.flink",
                  "org.roaringbitmap")),
          entry(
              "fence",
              Set.of(
                  "codec",
                  "event",
                  "kafka",
                  "ledger",
                  "state",
                  "org.apache.flink",
                  "org.apache.kafka",
                  "org.slf4j")),
          entry(
              "enrich",
              Set.of(
                  "codec",
                  "event",
                  "state",
                  "io.github.resilience4j",
                  "org.apache.flink",
                  "org.slf4j")),
          entry(
              "settings",
              Set.of(
                  "codec",
                  "enrich",
                  "event",
                  "fence",
                  "kafka",
                  "model",
                  "org.apache.flink",
                  "org.apache.kafka",
                  "org.slf4j",
                  "org.snakeyaml")),
          entry(
              "job",
              Set.of(
                  "codec",
                  "control",
                  "enrich",
                  "event",
                  "fence",
                  "kafka",
                  "ledger",
                  "model",
                  "settings",
                  "state",
                  "org.apache.flink",
                  "org.apache.kafka",
                  "org.slf4j")),
          entry("tool.refusal", Set.of()),
          entry("tool.time", Set.of()),
          entry("tool.services", Set.of("tool.broker", "tool.flink", "tool.time")),
          entry("tool.receipt", Set.of("tool.refusal", "com.fasterxml.jackson")),
          entry("tool.report", Set.of("tool.receipt")),
          entry("tool.lint", Set.of("org.apache.flink.util", "org.snakeyaml")),
          entry("tool.flink", Set.of("com.fasterxml.jackson", "org.apache.flink.configuration")),
          entry(
              "tool.broker",
              Set.of("kafka", "ledger", "tool.refusal", "tool.time", "org.apache.kafka")),
          entry(
              "tool.savepoint",
              Set.of(
                  "control",
                  "event",
                  "features",
                  "ledger",
                  "model",
                  "settings",
                  "state",
                  "tool.receipt",
                  "tool.time",
                  "org.apache.flink",
                  "org.rocksdb")),
          entry(
              "tool.savepoint.transplant",
              Set.of("control", "model", "state", "tool.savepoint", "org.apache.flink")),
          entry(
              "tool.stop",
              Set.of(
                  "ledger",
                  "settings",
                  "tool.broker",
                  "tool.flink",
                  "tool.receipt",
                  "tool.refusal",
                  "tool.savepoint",
                  "tool.services",
                  "tool.time",
                  "com.fasterxml.jackson",
                  "org.apache.flink.connector.base")),
          entry(
              "tool.resume",
              Set.of(
                  "fence",
                  "ledger",
                  "settings",
                  "state",
                  "tool.broker",
                  "tool.flink",
                  "tool.receipt",
                  "tool.refusal",
                  "tool.savepoint",
                  "tool.savepoint.transplant",
                  "tool.services",
                  "tool.stop",
                  "tool.time",
                  "org.apache.flink.connector.base")),
          entry(
              "tool.audit",
              Set.of(
                  "codec",
                  "event",
                  "kafka",
                  "ledger",
                  "model",
                  "settings",
                  "tool.broker",
                  "tool.refusal",
                  "tool.savepoint",
                  "tool.services",
                  "tool.time",
                  "org.apache.kafka",
                  "org.roaringbitmap")),
          entry(
              "tool.replay",
              Set.of(
                  "codec",
                  "event",
                  "kafka",
                  "ledger",
                  "tool.broker",
                  "tool.refusal",
                  "tool.services",
                  "tool.time",
                  "org.apache.kafka")),
          entry(
              "tool.control",
              Set.of(
                  "codec",
                  "event",
                  "settings",
                  "tool.broker",
                  "tool.flink",
                  "tool.refusal",
                  "tool.time",
                  "com.fasterxml.jackson",
                  "org.apache.kafka")),
          entry(
              "tool.scoring",
              Set.of(
                  "codec",
                  "event",
                  "tool.broker",
                  "tool.time",
                  "com.fasterxml.jackson",
                  "org.apache.kafka")),
          entry(
              "tool.evaluation",
              Set.of("codec", "event", "features", "model", "tool.events", "tool.scoring")),
          entry("tool.events", Set.of("codec", "event", "com.fasterxml.jackson", "com.opencsv")),
          entry(
              "tool.training",
              Set.of(
                  "codec",
                  "enrich",
                  "event",
                  "kafka",
                  "ledger",
                  "model",
                  "tool.broker",
                  "tool.events",
                  "com.fasterxml.jackson",
                  "org.apache.kafka",
                  "org.tribuo")),
          entry("tool.demo", Set.of("tool.events")),
          entry(
              "tool.feed",
              Set.of(
                  "codec",
                  "ledger",
                  "tool.broker",
                  "tool.events",
                  "tool.flink",
                  "tool.scoring",
                  "tool.services",
                  "tool.time",
                  "org.apache.kafka")),
          entry(
              "tool.setup",
              Set.of(
                  "codec",
                  "event",
                  "settings",
                  "tool.broker",
                  "tool.events",
                  "tool.services",
                  "tool.stop",
                  "tool.time",
                  "com.fasterxml.jackson.core")),
          entry(
              "tool.guard",
              Set.of(
                  "settings",
                  "tool.flink",
                  "tool.receipt",
                  "tool.services",
                  "tool.stop",
                  "tool.time",
                  "com.fasterxml.jackson",
                  "io.micrometer",
                  "org.eclipse.jetty")),
          entry(
              "tool.cli",
              Set.of(
                  "codec",
                  "event",
                  "features",
                  "ledger",
                  "model",
                  "settings",
                  "tool.audit",
                  "tool.broker",
                  "tool.control",
                  "tool.demo",
                  "tool.evaluation",
                  "tool.events",
                  "tool.feed",
                  "tool.flink",
                  "tool.guard",
                  "tool.lint",
                  "tool.receipt",
                  "tool.refusal",
                  "tool.replay",
                  "tool.report",
                  "tool.resume",
                  "tool.savepoint",
                  "tool.scoring",
                  "tool.services",
                  "tool.setup",
                  "tool.stop",
                  "tool.time",
                  "tool.training",
                  "com.fasterxml.jackson",
                  "org.apache.kafka",
                  "org.snakeyaml",
                  "picocli")));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importUrl(Origin.class.getProtectionDomain().getCodeSource().getLocation());

  static Stream<String> packages() {
    return TABLE.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("packages")
  void bytecodeUsesOnlyWhatTheTableAllows(String name) {
    List<String> allowed = new ArrayList<>();
    ALWAYS.forEach(prefix -> allowed.add(prefix + "."));
    allowed.add(ROOT + name);
    for (String other : TABLE.get(name)) {
      allowed.add(TABLE.containsKey(other) ? ROOT + other : other + "..");
    }
    classes()
        .that()
        .resideInAPackage(ROOT + name)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(allowed.toArray(String[]::new))
        .check(CLASSES);
  }

  /** A constant is copied into the bytecode, so only the source shows where it comes from. */
  @ParameterizedTest
  @MethodSource("packages")
  void sourcesImportOnlyWhatTheTableAllows(String name) throws IOException {
    assertThat(imports(name))
        .allMatch(
            imported ->
                ALWAYS.stream().anyMatch(imported::startsWith)
                    || isOf(imported, name)
                    || TABLE.get(name).stream().anyMatch(allowed -> isOf(imported, allowed)));
  }

  @ParameterizedTest
  @MethodSource("packages")
  void everyPermissionIsUsed(String name) throws IOException {
    Set<String> used = new TreeSet<>(imports(name));
    CLASSES.stream()
        .filter(type -> type.getPackageName().equals(ROOT + name))
        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
        .forEach(dependency -> used.add(dependency.getTargetClass().getName()));
    assertThat(TABLE.get(name))
        .allMatch(allowed -> used.stream().anyMatch(imported -> isOf(imported, allowed)));
  }

  @Test
  void everyPackageHasItsEntry() {
    Set<String> found =
        CLASSES.stream()
            .map(JavaClass::getPackageName)
            .map(name -> name.substring(ROOT.length()))
            .collect(Collectors.toSet());
    assertThat(TABLE.keySet()).isEqualTo(found);
  }

  @Test
  void packagesHaveNoCycle() {
    slices().matching(ROOT + "(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void jobAndToolStandApart() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "job..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + "tool..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(ROOT + "tool..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + "job..")
        .check(CLASSES);
  }

  /** What reaches the world by itself can't be run in another one. */
  @Test
  void operationsReachTheWorldThroughTheirServices() {
    noClasses()
        .that()
        .resideInAnyPackage(
            ROOT + "tool.stop",
            ROOT + "tool.resume",
            ROOT + "tool.audit",
            ROOT + "tool.replay",
            ROOT + "tool.guard")
        .should()
        .callConstructor(JobManager.class, List.class, Duration.class)
        .orShould()
        .callConstructor(Brokers.class, Properties.class, Duration.class)
        .orShould()
        .callMethod(Clock.class, "systemUTC")
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(UUID.class, "randomUUID")
        .check(CLASSES);
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

  /** Whether a class is of an allowed package: of exactly that one of ours, below it else. */
  private static boolean isOf(String imported, String allowed) {
    if (!TABLE.containsKey(allowed)) {
      return imported.startsWith(allowed + ".");
    }
    String prefix = ROOT + allowed + ".";
    return imported.startsWith(prefix) && Character.isUpperCase(imported.charAt(prefix.length()));
  }

  private static Set<String> imports(String name) throws IOException {
    Set<String> imports = new TreeSet<>();
    try (Stream<Path> files = Files.list(SOURCES.resolve(name.replace('.', '/')))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        IMPORT
            .matcher(Files.readString(file))
            .results()
            .map((MatchResult found) -> found.group(1))
            .forEach(imports::add);
      }
    }
    return imports;
  }
}
