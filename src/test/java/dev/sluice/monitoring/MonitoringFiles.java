package dev.sluice.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What deploy/prometheus and deploy/grafana hold. */
final class MonitoringFiles {

  static final Path PROMETHEUS = Path.of("deploy", "prometheus");
  static final Path DASHBOARDS = Path.of("deploy", "grafana", "dashboards");

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Text, matchers, ranges and lists of labels: where no metric is named. */
  private static final Pattern NOT_NAMES =
      Pattern.compile(
          "\"[^\"]*\"|\\{[^}]*\\}|\\[[^\\]]*\\]|\\boffset\\s+\\w+"
              + "|\\b(by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)");

  private static final Pattern WORD = Pattern.compile("[a-zA-Z_:][\\w:]*+(?!\\s*\\()");
  private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((\\w+),\\s*\\w+\\)");
  private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "bool", "offset");

  private MonitoringFiles() {}

  /** Every metric that an expression names. */
  static Set<String> metrics(String expression) {
    Matcher variable = LABEL_VALUES.matcher(expression);
    if (variable.matches()) {
      return Set.of(variable.group(1));
    }
    Set<String> names = new TreeSet<>();
    Matcher word = WORD.matcher(NOT_NAMES.matcher(expression).replaceAll(" "));
    while (word.find()) {
      if (!OPERATORS.contains(word.group())) {
        names.add(word.group());
      }
    }
    return names;
  }

  /** Every recording and alerting rule. */
  static List<JsonNode> rules() throws IOException {
    List<JsonNode> rules = new ArrayList<>();
    for (Path file : files(PROMETHEUS.resolve("rules"), ".yml")) {
      for (JsonNode group : yaml(file).path("groups")) {
        group.path("rules").forEach(rules::add);
      }
    }
    return rules;
  }

  /** The rules that have an alert's name. */
  static List<JsonNode> alerts() throws IOException {
    return rules().stream().filter(rule -> rule.has("alert")).toList();
  }

  /** What promtool is to find of alerts, in every test. */
  static List<JsonNode> alertTests() throws IOException {
    List<JsonNode> tests = new ArrayList<>();
    for (JsonNode test : yaml(PROMETHEUS.resolve("tests/alerts.yml")).path("tests")) {
      test.path("alert_rule_test").forEach(tests::add);
    }
    return tests;
  }

  /** Every expression of a dashboard: of panels, annotations and variables. */
  static List<String> expressions(JsonNode dashboard) {
    List<String> expressions = new ArrayList<>();
    for (JsonNode found : dashboard.findValues("expr")) {
      expressions.add(found.asText());
    }
    for (JsonNode variable : dashboard.at("/templating/list")) {
      if (variable.path("type").asText().equals("query")) {
        expressions.add(variable.path("definition").asText());
      }
    }
    return expressions;
  }

  /** Every expression of rules and dashboards. */
  static List<String> expressions() throws IOException {
    List<String> all = new ArrayList<>();
    for (JsonNode rule : rules()) {
      all.add(rule.path("expr").asText());
    }
    for (JsonNode dashboard : dashboards()) {
      all.addAll(expressions(dashboard));
    }
    return all;
  }

  static List<JsonNode> dashboards() throws IOException {
    List<JsonNode> dashboards = new ArrayList<>();
    for (Path file : files(DASHBOARDS, ".json")) {
      dashboards.add(JSON.readTree(file.toFile()));
    }
    return dashboards;
  }

  static JsonNode yaml(Path file) throws IOException {
    Load load = new Load(LoadSettings.builder().build());
    return JSON.valueToTree(load.loadFromString(Files.readString(file)));
  }

  private static List<Path> files(Path directory, String ending) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("can't list " + directory, e);
    }
  }
}
