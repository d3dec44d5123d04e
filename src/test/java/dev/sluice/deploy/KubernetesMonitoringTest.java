package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code prometheus.yml} asks is what the production overlay serves. */
class KubernetesMonitoringTest {

  private static final Kustomized RENDERED = Kustomized.of(Kustomized.PRODUCTION);

  @Test
  void theRulesKnowItsJobs() throws IOException {
    assertThat(names(jobs("deploy/kubernetes/prometheus.yml")))
        .isEqualTo(names(jobs("deploy/prometheus/prometheus.yml")));
  }

  @Test
  void itAsksServicesThatAreThereAtTheirPorts() throws IOException {
    List<JsonNode> jobs = jobs("deploy/kubernetes/prometheus.yml");
    assertThat(address(jobs.get(0)))
        .isEqualTo(service("sluice-jobmanager-metrics"))
        .endsWith(":" + reporter());
    assertThat(address(jobs.get(1)))
        .isEqualTo(service("sluice-taskmanager-metrics"))
        .endsWith(":" + reporter());
    assertThat(jobs.get(2).at("/static_configs/0/targets/0").asText())
        .isEqualTo(service("sluice-guard"));
  }

  @Test
  void itSendsTheTokenAndNamesTheJob() throws IOException {
    JsonNode guard = jobs("deploy/kubernetes/prometheus.yml").get(2);
    assertThat(guard.at("/authorization/credentials_file").asText()).endsWith("/token");
    assertThat(guard.at("/static_configs/0/labels/job_name").asText())
        .isEqualTo(RENDERED.guard().pod().at("/spec/containers/0/args/1").asText());
  }

  @Test
  void eachPodOfFlinkIsFoundByItself() {
    for (String name : List.of("sluice-jobmanager-metrics", "sluice-taskmanager-metrics")) {
      Manifest service = RENDERED.one("Service", name);
      assertThat(service.at("/spec/clusterIP").asText()).isEqualTo("None");
      assertThat(name).contains(service.at("/spec/selector/component").asText());
    }
  }

  private static String reporter() {
    JsonNode configuration = RENDERED.flink().at("/spec/flinkConfiguration");
    return configuration.path("metrics.reporter.prom.port").asText();
  }

  private static String address(JsonNode job) {
    JsonNode found = job.at("/dns_sd_configs/0");
    return found.at("/names/0").asText() + ":" + found.path("port").asText();
  }

  private static String service(String name) {
    Manifest service = RENDERED.one("Service", name);
    return "%s.%s.svc:%s"
        .formatted(
            name,
            service.at("/metadata/namespace").asText(),
            service.at("/spec/ports/0/port").asText());
  }

  private static List<String> names(List<JsonNode> jobs) {
    return jobs.stream().map(each -> each.path("job_name").asText()).toList();
  }

  private static List<JsonNode> jobs(String file) throws IOException {
    Manifest configuration = Manifest.parse(Files.readString(Path.of(file))).get(0);
    return Manifest.list(configuration.at("/scrape_configs"));
  }
}
