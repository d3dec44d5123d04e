package dev.sluice.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The rules and dashboards name nothing that is not published; {@code -Dsluice.regenerate=metrics}
 * rewrites the README's table.
 */
class PrometheusFilesTest {

  private static final Path README = MonitoringFiles.PROMETHEUS.resolve("README.md");
  private static final Path RUNBOOK = Path.of("deploy", "runbook.md");
  private static final String BEGIN = "<!-- metrics:begin -->\n";
  private static final String END = "<!-- metrics:end -->";

  @Test
  void everyMetricThatRulesAndDashboardsNameIsPublished() throws IOException {
    List<String> expressions = MonitoringFiles.expressions();
    assertThat(expressions).hasSizeGreaterThan(70);
    for (String expression : expressions) {
      assertThat(MonitoringFiles.metrics(expression)).as(expression).isNotEmpty();
      assertThat(PublishedMetrics.unknown(expression)).as(expression).isEmpty();
    }
  }

  @Test
  void aMisspeltNameIsFoundWhereverItStands() throws IOException {
    assertThat(PublishedMetrics.unknown("sluice_stop_outcom{outcome=\"proved\"} == 1"))
        .containsExactly("sluice_stop_outcom");
    assertThat(
            PublishedMetrics.unknown(
                "sum by (job_name) (rate(flink_taskmanager_job_task_operator_sluice_prediction[5m]))"
                    + " > 0 and on (instance) sluice_guard_job_runing == 1"))
        .containsExactly(
            "flink_taskmanager_job_task_operator_sluice_prediction", "sluice_guard_job_runing");
    assertThat(PublishedMetrics.unknown("label_values(sluice_guard_jobs, job_name)"))
        .containsExactly("sluice_guard_jobs");
    assertThat(PublishedMetrics.unknown("job_name:sluice_updates:rate1m > 0.5"))
        .containsExactly("job_name:sluice_updates:rate1m");
  }

  @Test
  void eachAlertSaysWhatItIsWhatToDoAndWhereThatIsWritten() throws IOException {
    List<String> chapters = headings();
    List<JsonNode> alerts = MonitoringFiles.alerts();
    assertThat(alerts).hasSizeGreaterThanOrEqualTo(20);
    for (JsonNode alert : alerts) {
      JsonNode annotations = alert.path("annotations");
      String name = alert.path("alert").asText();
      assertThat(annotations.path("summary").asText()).as(name).contains("{{ $labels.job_name }}");
      assertThat(annotations.path("description").asText()).as(name).endsWith(".");
      assertThat(alert.at("/labels/severity").asText())
          .as(name)
          .isIn("critical", "warning", "info");
      String[] page = annotations.path("runbook_url").asText().split("#", -1);
      assertThat(page[0]).as(name).isEqualTo("deploy/runbook.md");
      assertThat(chapters).as(name).contains(page[1]);
    }
  }

  private static List<String> headings() throws IOException {
    return Files.readAllLines(RUNBOOK).stream()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT).replace(' ', '-'))
        .toList();
  }

  @Test
  void eachAlertIsTestedToFireAndToStayQuiet() throws IOException {
    List<JsonNode> tests = MonitoringFiles.alertTests();
    for (JsonNode alert : MonitoringFiles.alerts()) {
      String name = alert.path("alert").asText();
      assertThat(tests)
          .as(name + " fires")
          .anyMatch(test -> isOf(test, name) && !test.path("exp_alerts").isEmpty());
      assertThat(tests)
          .as(name + " stays quiet")
          .anyMatch(test -> isOf(test, name) && test.path("exp_alerts").isEmpty());
    }
  }

  private static boolean isOf(JsonNode test, String alert) {
    return test.path("alertname").asText().equals(alert);
  }

  @Test
  void dashboardsNameNoDataSourceAndNoIdOfTheirOwn() throws IOException {
    List<JsonNode> dashboards = MonitoringFiles.dashboards();
    assertThat(dashboards).hasSize(2);
    for (JsonNode dashboard : dashboards) {
      String title = dashboard.path("title").asText();
      assertThat(dashboard.path("id").isNull()).as(title).isTrue();
      assertThat(dashboard.has("uid")).as(title).isFalse();
      assertThat(fixedSources(dashboard)).as(title).isEmpty();
      assertThat(dashboard.at("/templating/list/0/type").asText())
          .as(title)
          .isEqualTo("datasource");
      assertPanels(dashboard);
    }
  }

  @Test
  void aFixedDataSourceIsFound() throws IOException {
    JsonNode dashboard = MonitoringFiles.dashboards().get(0).deepCopy();
    ((ObjectNode) dashboard.at("/panels/1/datasource")).put("uid", "PBFA97CFB590B2093");
    assertThat(fixedSources(dashboard)).containsExactly("PBFA97CFB590B2093");
  }

  private static List<String> fixedSources(JsonNode dashboard) {
    List<String> fixed = new ArrayList<>();
    for (JsonNode source : dashboard.findValues("datasource")) {
      String uid = source.path("uid").asText(source.toString());
      if (!uid.equals("${datasource}")) {
        fixed.add(uid);
      }
    }
    return fixed;
  }

  private static void assertPanels(JsonNode dashboard) {
    Set<Integer> ids = new HashSet<>();
    for (JsonNode panel : dashboard.path("panels")) {
      String title = panel.path("title").asText();
      assertThat(ids.add(panel.path("id").asInt())).as(title).isTrue();
      if (!panel.path("type").asText().equals("row")) {
        assertThat(panel.path("description").asText()).as(title).endsWith(".");
        assertThat(panel.at("/fieldConfig/defaults/unit").asText()).as(title).isNotEmpty();
        assertThat(panel.path("targets").isEmpty()).as(title).isFalse();
      }
    }
  }

  @Test
  void whatShowsOneFigureShowsThatOfNow() throws IOException {
    for (JsonNode dashboard : MonitoringFiles.dashboards()) {
      assertThat(ofLongAgo(dashboard)).as(dashboard.path("title").asText()).isEmpty();
    }
    JsonNode planted = MonitoringFiles.dashboards().get(0).deepCopy();
    ((ObjectNode) planted.at("/panels/1/targets/0")).remove("instant");
    assertThat(ofLongAgo(planted)).containsExactly(planted.at("/panels/1/title").asText());
  }

  /** Panels that would show the last figure of some hours, be it long gone. */
  private static List<String> ofLongAgo(JsonNode dashboard) {
    List<String> titles = new ArrayList<>();
    for (JsonNode panel : dashboard.path("panels")) {
      if (Set.of("stat", "bargauge").contains(panel.path("type").asText())) {
        for (JsonNode target : panel.path("targets")) {
          if (!target.path("instant").asBoolean() || target.path("range").asBoolean(true)) {
            titles.add(panel.path("title").asText());
          }
        }
      }
    }
    return titles;
  }

  @Test
  void stopsAreMarkedOnEachDashboard() throws IOException {
    for (JsonNode dashboard : MonitoringFiles.dashboards()) {
      assertThat(dashboard.at("/annotations/list").findValuesAsText("expr"))
          .anyMatch(expression -> expression.contains("sluice_stop_start_timestamp_seconds"))
          .anyMatch(expression -> expression.contains("sluice_stop_end_timestamp_seconds"));
    }
  }

  @Test
  void theReadmeListsEveryMetricThatIsPublished() throws IOException {
    String readme = Files.readString(README);
    int begin = readme.indexOf(BEGIN) + BEGIN.length();
    int end = readme.indexOf(END);
    assertThat(end).isGreaterThanOrEqualTo(begin);
    if ("metrics".equals(System.getProperty("sluice.regenerate"))) {
      Files.writeString(
          README, readme.substring(0, begin) + PublishedMetrics.table() + readme.substring(end));
      return;
    }
    assertThat(readme.substring(begin, end)).isEqualTo(PublishedMetrics.table());
  }
}
