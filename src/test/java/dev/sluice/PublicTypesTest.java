package dev.sluice;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.sluice.event.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each public top-level type is used by another package of main code, or has a reason here. The
 * users of each are written to {@code target/public-types.md}.
 */
class PublicTypesTest {

  private static final String ROOT = "dev.sluice.";
  private static final Path SOURCES = Path.of("src/main/java/dev/sluice");
  private static final Path REPORT = Path.of("target/public-types.md");
  private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|//[^\\n]*");
  private static final Pattern IMPORT =
      Pattern.compile("(?m)^import (?:static )?dev\\.sluice\\.([a-z.]+\\.[A-Z]\\w*)(\\.\\w+)*;");

  /** The types that no other package names, each with who needs it to be public. */
  private static final Map<String, String> REASONS =
      Map.ofEntries(
          entry("job.SluiceJob", "the job's entry class: the manifest and deploy/ name it"),
          entry("tool.cli.Sluice", "the tool's entry class: the manifest and bin/sluice name it"),
          entry(
              "job.JobMetric",
              "the metrics' names: the tests of deploy/prometheus compare with them"),
          entry(
              "tool.cli.Silence", "exit codes: the tests of other packages judge their exceptions"),
          entry("tool.demo.Flight", "the tests of the job spoil the demo's flights"));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importUrl(Origin.class.getProtectionDomain().getCodeSource().getLocation());

  @Test
  void everyPublicTypeIsUsedElsewhereOrHasAReason() throws IOException {
    NavigableMap<String, Set<String>> users = users(CLASSES);
    write(users);
    assertThat(unused(users)).isEqualTo(REASONS.keySet());
  }

  @Test
  void aPublicTypeThatOnlyItsPackageUsesIsFound() throws IOException {
    JavaClasses codec = CLASSES.that(resideInAPackage(ROOT + "codec"));
    assertThat(unused(users(codec))).contains("codec.EventDecoder", "codec.Details");
  }

  private static Set<String> unused(Map<String, Set<String>> users) {
    return users.keySet().stream()
        .filter(type -> users.get(type).isEmpty())
        .collect(Collectors.toSet());
  }

  /** The public top-level types, each with the other packages whose bytecode or source names it. */
  private static NavigableMap<String, Set<String>> users(JavaClasses classes) throws IOException {
    NavigableMap<String, Set<String>> users = new TreeMap<>();
    for (JavaClass type : classes) {
      if (type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC)) {
        users.put(shortName(type.getName()), new TreeSet<>());
      }
    }
    for (JavaClass user : classes) {
      String from = shortName(user.getPackageName());
      Stream.concat(named(user), imported(user))
          .filter(users::containsKey)
          .filter(type -> !type.substring(0, type.lastIndexOf('.')).equals(from))
          .forEach(type -> users.get(type).add(from));
    }
    return users;
  }

  /** The types in a class's bytecode, and those in the signatures of the members that it uses. */
  private static Stream<String> named(JavaClass user) {
    Stream<JavaClass> direct =
        user.getDirectDependenciesFromSelf().stream().map(Dependency::getTargetClass);
    Stream<JavaClass> called =
        user.getCodeUnitCallsFromSelf().stream()
            .map(JavaCodeUnitAccess::getTarget)
            .flatMap(
                unit ->
                    Stream.concat(
                        Stream.of(unit.getRawReturnType()), unit.getRawParameterTypes().stream()));
    Stream<JavaClass> read =
        user.getFieldAccessesFromSelf().stream().map(access -> access.getTarget().getRawType());
    return Stream.of(direct, called, read)
        .flatMap(types -> types)
        .map(type -> type.getBaseComponentType().getName())
        .filter(type -> type.startsWith(ROOT))
        .map(type -> shortName(type).replaceFirst("\\$.*", ""));
  }

  /** A constant is copied into the bytecode, so only the source shows where it comes from. */
  private static Stream<String> imported(JavaClass user) throws IOException {
    Path file = SOURCES.resolve(shortName(user.getName()).replace('.', '/') + ".java");
    if (!Files.exists(file)) {
      return Stream.of(); // a nested class
    }
    String source = COMMENT.matcher(Files.readString(file)).replaceAll("");
    String body = IMPORT.matcher(source).replaceAll("");
    return IMPORT
        .matcher(source)
        .results()
        .filter(found -> names(body, found.group().replaceFirst(".*\\.(\\w+);", "$1")))
        .map(found -> found.group(1));
  }

  private static boolean names(String source, String name) {
    return Pattern.compile("\\b" + name + "\\b").matcher(source).find();
  }

  private static void write(NavigableMap<String, Set<String>> users) throws IOException {
    StringBuilder table = new StringBuilder("| public type | used by |\n|---|---|\n");
    users.forEach(
        (type, packages) -> {
          String reason = REASONS.getOrDefault(type, "nothing outside of its package");
          String by = packages.isEmpty() ? reason : String.join(", ", packages);
          table.append("| %s | %s |\n".formatted(type, by));
        });
    Files.createDirectories(REPORT.getParent());
    Files.writeString(REPORT, table);
  }

  private static String shortName(String name) {
    return name.substring(ROOT.length());
  }
}
