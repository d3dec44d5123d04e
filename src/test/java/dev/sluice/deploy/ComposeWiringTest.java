package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What {@code deploy/compose} repeats, there or from elsewhere in the project, is the same. */
class ComposeWiringTest {

  private static final Path TOPICS =
      Path.of("deploy", "local", "dist.d", "kafka", "SluiceTopics.java");
  private static final Pattern TOPIC =
      Pattern.compile("topic\\(\"([\\w.-]+)\", (\\d+), MIB_(\\d+)\\)");
  private static final Pattern MADE = Pattern.compile("(?m)^topic (\\S+) (\\d+) (\\d+)$");

  @Test
  void theGuardIsStoppedWhileAllThatItNeedsLives() throws IOException {
    ComposeStack stack = ComposeStack.committed();
    JsonNode guard = stack.service("guard");
    for (String needed : List.of("broker", "jobmanager", "taskmanager")) {
      JsonNode dependency = guard.path("depends_on").path(needed);
      assertThat(dependency.path("condition").asText()).as(needed).isEqualTo("service_healthy");
      assertThat(dependency.path("restart").asBoolean()).as(needed).isTrue();
      assertThat(stack.service(needed).has("healthcheck")).as(needed).isTrue();
    }
    stack
        .services()
        .forEach(
            each ->
                assertThat(each.getValue().path("depends_on").has("guard"))
                    .as(each.getKey() + " needs the guard, and is stopped before it")
                    .isFalse());
    assertThat(ComposeStack.behind(guard, "--rest"))
        .isEqualTo("http://jobmanager:" + flink("rest.port"));
  }

  @Test
  void theClustersIdIsOfTheInstallation() throws IOException {
    assertThat(ComposeStack.committed().service("broker").at("/environment/CLUSTER_ID").asText())
        .isEqualTo("${SLUICE_CLUSTER_ID:-}");
    assertThat(Files.readString(ComposeStack.FILE)).contains("#   echo SLUICE_CLUSTER_ID=$(");
  }

  @Test
  void flinkAndTheGuardShareWhatASavepointIsWrittenTo() throws IOException {
    ComposeStack stack = ComposeStack.committed();
    for (String service : List.of("jobmanager", "taskmanager", "guard", "resume", "tool")) {
      List<ComposeStack.Mount> mounts = ComposeStack.mounts(stack.service(service));
      assertThat(mounts).as(service).contains(new ComposeStack.Mount("state", "/var/lib/sluice"));
    }
    for (String key : List.of("dir", "savepoint-dir")) {
      assertThat(flink("execution.checkpointing." + key)).startsWith("file:///var/lib/sluice/");
    }
  }

  @Test
  void flinkRunsWithTheConfigurationOfTheRepository() throws IOException {
    ComposeStack stack = ComposeStack.committed();
    for (String service : List.of("jobmanager", "taskmanager", "submit")) {
      JsonNode flink = stack.service(service);
      String mounted = "/etc/sluice/flink-conf";
      assertThat(ComposeStack.mounts(flink))
          .as(service)
          .anyMatch(
              each -> each.target().equals(mounted) && each.path().equals(ComposeStack.FLINK));
      assertThat(ComposeStack.behind(flink, "-c"))
          .as(service)
          .contains("cp " + mounted + "/*.yaml");
      Map<String, String> changed = properties(flink.at("/environment/FLINK_PROPERTIES").asText());
      changed.keySet().forEach(key -> assertThat(flinkConf().has(key)).as(key).isTrue());
      assertThat(changed)
          .containsEntry("jobmanager.rpc.address", "jobmanager")
          .containsEntry("taskmanager.host", "taskmanager");
    }
  }

  /** As every one of the images' scripts takes them: all behind the first colon is the value. */
  private static Map<String, String> properties(String text) {
    Map<String, String> properties = new HashMap<>();
    for (String line : text.strip().split("\n", -1)) {
      assertThat(line).matches("[\\w.-]+:\\S+");
      int colon = line.indexOf(':');
      properties.put(line.substring(0, colon), line.substring(colon + 1));
    }
    return properties;
  }

  @Test
  void theToolsShareOneJournalAndTheSettingsOfTheJob() throws IOException {
    ComposeStack stack = ComposeStack.committed();
    for (String service : List.of("guard", "resume", "tool")) {
      JsonNode tool = stack.service(service);
      assertThat(tool.at("/environment/SLUICE_DIR").asText())
          .as(service)
          .isEqualTo("/var/lib/sluice");
      String settings = tool.at("/environment/FLINK_CONF_DIR").asText();
      assertThat(ComposeStack.mounts(tool))
          .as(service)
          .anyMatch(
              each -> each.target().equals(settings) && each.path().equals(ComposeStack.FLINK));
    }
    assertThat(ComposeStack.behind(stack.service("resume"), "-c"))
        .contains("/var/lib/sluice/stops/receipt-*.json");
  }

  @Test
  void prometheusScrapesServicesThatExistAtTheirPorts() throws IOException {
    ComposeStack stack = ComposeStack.committed();
    String metrics = flink("metrics.reporter.prom.port").split("-", -1)[0];
    String listen = ComposeStack.behind(stack.service("guard"), "--listen");
    Map<String, String> ports = new HashMap<>();
    ports.put("jobmanager", metrics);
    ports.put("taskmanager", metrics);
    ports.put("guard", listen.substring(listen.lastIndexOf(':') + 1));
    assertThat(stack.names("services")).containsAll(ports.keySet());
    JsonNode config = prometheus(ComposeStack.DIRECTORY);
    assertThat(config.findValuesAsText("job_name"))
        .containsAll(prometheus(Path.of("deploy", "prometheus")).findValuesAsText("job_name"));
    assertThat(targets(config))
        .containsExactlyInAnyOrderElementsOf(
            ports.entrySet().stream().map(each -> each.getKey() + ":" + each.getValue()).toList());
    assertThat(config.findValuesAsText("credentials_file"))
        .containsExactly(ComposeStack.behind(stack.service("guard"), "--token-file"));
  }

  private static List<String> targets(JsonNode config) {
    return config.findValues("targets").stream().flatMap(ComposeStack::texts).toList();
  }

  @Test
  void theGuardsFiguresAreLabelledWithTheJobThatItGuards() throws IOException {
    String job = ComposeStack.behind(ComposeStack.committed().service("guard"), "guard");
    for (Path directory : List.of(ComposeStack.DIRECTORY, Path.of("deploy", "prometheus"))) {
      JsonNode config = prometheus(directory);
      assertThat(guards(config)).as(directory.toString()).containsExactly(job);
    }
    assertThat(guards(ComposeStack.yaml("scrape_configs: [{job_name: sluice-guard}]")))
        .as("without the label")
        .isEmpty();
  }

  private static List<String> guards(JsonNode config) {
    List<String> labels = new ArrayList<>();
    for (JsonNode scrape : config.path("scrape_configs")) {
      if (scrape.path("job_name").asText().equals("sluice-guard")) {
        scrape.path("static_configs").findValues("labels").stream()
            .map(each -> each.path("job_name").asText())
            .forEach(labels::add);
      }
    }
    return labels;
  }

  @Test
  void grafanaAsksPrometheusAndFindsItsDashboards() throws IOException {
    ComposeStack stack = ComposeStack.committed();
    JsonNode source = ComposeStack.yaml(read(ComposeStack.DIRECTORY, "grafana-datasource.yml"));
    JsonNode provisioned = provisioning("datasources", "prometheus.yml");
    assertThat(source.at("/datasources/0/name")).isEqualTo(provisioned.at("/datasources/0/name"));
    String url = source.at("/datasources/0/url").asText();
    assertThat(url).isEqualTo("http://prometheus:9090");
    assertThat(ComposeStack.texts(stack.service("prometheus").path("ports")))
        .containsExactly("127.0.0.1:9090:9090");
    String dashboards = provisioning("dashboards", "sluice.yml").findValue("path").asText();
    assertThat(ComposeStack.mounts(stack.service("grafana")))
        .anyMatch(
            each ->
                each.target().equals(dashboards)
                    && each.path().equals(Path.of("deploy", "grafana", "dashboards")));
  }

  private static JsonNode provisioning(String kind, String file) throws IOException {
    return ComposeStack.yaml(read(Path.of("deploy", "grafana", "provisioning", kind), file));
  }

  @Test
  void theBrokerIsOfTheBuildsVersionAndReadsTheSameSettings() throws IOException {
    ComposeStack stack = ComposeStack.committed();
    String image = "apache/kafka:" + ComposeStack.ofThePom("kafka.broker.version");
    assertThat(stack.service("broker").path("image").asText()).isEqualTo(image);
    assertThat(stack.service("topics").path("image").asText()).isEqualTo(image);
    assertThat(ComposeStack.mounts(stack.service("broker")))
        .anyMatch(
            each ->
                each.path().equals(ComposeStack.BROKER)
                    && each.target().equals("/mnt/shared/config/server.properties"));
  }

  @Test
  void theTopicsAreThoseOfTheLocalCluster() throws IOException {
    List<String> local = new ArrayList<>();
    Matcher topic = TOPIC.matcher(Files.readString(TOPICS));
    while (topic.find()) {
      int bytes = Integer.parseInt(topic.group(3)) << 20;
      local.add("%s %s %s".formatted(topic.group(1), topic.group(2), bytes));
    }
    assertThat(local).hasSize(7);
    List<String> made = new ArrayList<>();
    Matcher line =
        MADE.matcher(ComposeStack.committed().service("topics").at("/command/0").asText());
    while (line.find()) {
      made.add(line.group().substring("topic ".length()));
    }
    assertThat(made).isEqualTo(local);
  }

  private static JsonNode prometheus(Path directory) throws IOException {
    return ComposeStack.yaml(read(directory, "prometheus.yml"));
  }

  private static String read(Path directory, String file) throws IOException {
    return Files.readString(directory.resolve(file));
  }

  private static String flink(String key) {
    return flinkConf().path(key).asText();
  }

  private static JsonNode flinkConf() {
    try {
      return ComposeStack.yaml(read(ComposeStack.FLINK, "config.yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
