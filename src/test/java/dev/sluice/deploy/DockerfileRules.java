package dev.sluice.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a Dockerfile here must hold to; the numbers are those of hadolint's rules. */
final class DockerfileRules {

  private static final Pattern PINNED =
      Pattern.compile("[\\w./-]+(:(?!latest\\b)\\w*\\d[\\w.-]*|@sha256:[0-9a-f]{64})( AS \\w+)?");
  private static final Pattern ROOT = Pattern.compile("(root|0)(:.*)?");
  private static final Pattern PRODUCT =
      Pattern.compile("<outputFile>\\$\\{project\\.build\\.directory}/([^<]+)</outputFile>");

  private DockerfileRules() {}

  /**
   * An instruction with its comments and line breaks gone.
   *
   * @param name in capitals
   * @param rest behind it
   */
  record Instruction(String name, String rest) {}

  static List<Instruction> instructions(String text) {
    String joined =
        text.lines()
            .filter(line -> !line.strip().startsWith("#") && !line.isBlank())
            .collect(Collectors.joining("\n"))
            .replaceAll("\\\\\\n\\s*", " ");
    return joined
        .lines()
        .map(line -> line.strip().split("\\s+", 2))
        .map(
            parts ->
                new Instruction(
                    parts[0].toUpperCase(Locale.ROOT), parts.length > 1 ? parts[1] : ""))
        .toList();
  }

  /** What breaks a rule; empty for a good file. */
  static List<String> problems(String text) throws IOException {
    List<String> problems = new ArrayList<>();
    String user = "root";
    for (Instruction each : instructions(text)) {
      if (each.name().equals("COPY")) {
        problems.addAll(copied(each.rest()));
      } else if (isWrong(each)) {
        problems.add("%s: %s %s".formatted(rule(each), each.name(), each.rest()));
      }
      if (each.name().equals("FROM")) {
        user = "root";
      } else if (each.name().equals("USER")) {
        user = each.rest();
      }
    }
    if (ROOT.matcher(user).matches()) {
      problems.add("DL3002: ends as root");
    }
    return problems;
  }

  private static boolean isWrong(Instruction each) {
    return switch (each.name()) {
      case "FROM" -> !PINNED.matcher(each.rest()).matches();
      case "ENTRYPOINT", "CMD" -> !each.rest().startsWith("[\"");
      case "WORKDIR" -> !each.rest().startsWith("/");
      case "RUN" -> each.rest().matches("(.*\\W)?sudo\\W.*");
      case "ADD", "MAINTAINER" -> true;
      default -> false;
    };
  }

  private static String rule(Instruction broken) {
    return switch (broken.name()) {
      case "FROM" -> "DL3006, DL3007: not pinned";
      case "ENTRYPOINT", "CMD" -> "DL3025: not in exec form";
      case "WORKDIR" -> "DL3000: not absolute";
      case "RUN" -> "DL3004: the user is known";
      case "ADD" -> "DL3020: COPY brings files";
      default -> "DL4000: deprecated";
    };
  }

  private static List<String> copied(String rest) throws IOException {
    List<String> words =
        Pattern.compile("\\s+").splitAsStream(rest).filter(word -> !word.startsWith("--")).toList();
    List<String> sources = words.subList(0, words.size() - 1);
    List<String> problems = new ArrayList<>();
    if (sources.size() > 1 && !words.get(words.size() - 1).endsWith("/")) {
      problems.add("DL3021: several files into none that is a directory: " + rest);
    }
    Set<String> products = products();
    for (String source : sources) {
      if (!products.contains(source) && !Files.exists(Path.of(source))) {
        problems.add("copies what is neither here nor built: " + source);
      }
    }
    return problems;
  }

  /** The jars that the build makes. */
  static Set<String> products() throws IOException {
    Matcher product = PRODUCT.matcher(Files.readString(Path.of("pom.xml")));
    return product.results().map(each -> "target/" + each.group(1)).collect(Collectors.toSet());
  }
}
