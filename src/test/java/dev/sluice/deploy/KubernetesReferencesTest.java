package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.job.SluiceJob;
import dev.sluice.settings.JobSettings;
import dev.sluice.tool.cli.Sluice;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** What the manifests say of each other, each overlay by itself. */
class KubernetesReferencesTest {

  private static final String SETTINGS = "sluice.yaml";

  static Stream<Kustomized> overlays() {
    return Stream.of(Kustomized.DEVELOPMENT, Kustomized.PRODUCTION).map(Kustomized::of);
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void everyMountHasItsVolumeAndEveryVolumeItsSource(Kustomized rendered) {
    for (Manifest each : List.of(rendered.guard(), rendered.flink())) {
      Set<String> volumes = texts(each.pod().at("/spec/volumes"), "/name");
      assertThat(texts(each.pod().at("/spec/containers/0/volumeMounts"), "/name"))
          .as("%s", each)
          .isEqualTo(volumes);
      for (JsonNode volume : each.pod().at("/spec/volumes")) {
        assertThat(sourceOf(volume)).as("%s: %s", each, volume).isIn(sources(rendered));
      }
    }
  }

  private static String sourceOf(JsonNode volume) {
    Map<String, String> pointers =
        Map.of(
            "ConfigMap ", "/configMap/name",
            "PersistentVolumeClaim ", "/persistentVolumeClaim/claimName",
            "Secret ", "/secret/secretName",
            "scratch ", "/emptyDir/sizeLimit");
    return pointers.entrySet().stream()
        .filter(each -> !volume.at(each.getValue()).isMissingNode())
        .map(each -> each.getKey() + volume.at(each.getValue()).asText())
        .collect(Collectors.joining());
  }

  private static Set<String> sources(Kustomized rendered) {
    Set<String> sources =
        rendered.manifests().stream().map(Manifest::toString).collect(Collectors.toSet());
    sources.add("Secret sluice-guard"); // made by hand, as the overlays say: no token is in a file
    sources.addAll(List.of("scratch 256Mi", "scratch 8Gi", "scratch 1Gi"));
    return sources;
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void guardAndJobShareAVolumeThatBothMayWrite(Kustomized rendered) {
    JsonNode guard = rendered.guard().pod().path("spec");
    JsonNode flink = rendered.flink().pod().path("spec");
    assertThat(guard.at("/securityContext")).isEqualTo(flink.at("/securityContext"));
    assertThat(guard.at("/securityContext/fsGroup").asInt()).isEqualTo(9999);
    assertThat(rendered.all("PersistentVolumeClaim")).hasSize(1);
    boolean nodes = rendered.flink().at("/metadata/namespace").asText().equals("sluice");
    assertThat(rendered.all("PersistentVolumeClaim").get(0).at("/spec/accessModes").toString())
        .isEqualTo(nodes ? "[\"ReadWriteMany\"]" : "[\"ReadWriteOnce\"]");
    String mounted = mount(rendered.flink(), "state");
    assertThat(mount(rendered.guard(), "state")).isEqualTo(mounted);
    JsonNode configuration = rendered.flink().at("/spec/flinkConfiguration");
    for (String key :
        List.of(
            "execution.checkpointing.dir",
            "execution.checkpointing.savepoint-dir",
            "high-availability.storageDir")) {
      assertThat(configuration.path(key).asText()).startsWith("file://" + mounted + "/");
    }
    assertThat(option(guard(rendered), "--journal")).startsWith(mounted + "/");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void theGuardAsksThisJobWhereTheOperatorServesIt(Kustomized rendered) {
    ParseResult guard = guard(rendered);
    assertThat(guard.matchedPositionalValue(0, "")).isEqualTo(settings(rendered).jobName());
    List<String> rest = guard.matchedOptionValue("--rest", List.of());
    assertThat(rest).containsExactly("http://%s-rest:8081".formatted(rendered.flink().name()));
    String token = option(guard, "--token-file");
    assertThat(token).startsWith(mount(rendered.guard(), "token") + "/");
    assertThat(option(guard, "--on-timeout")).isEqualToIgnoringCase("checkpoint");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void theJobReadsTheSettingsThatWereMadeForIt(Kustomized rendered) {
    assertThat(rendered.flink().at("/spec/job/args").toString())
        .isEqualTo(
            "[\"--settings\",\"%s/%s\"]".formatted(mount(rendered.flink(), "settings"), SETTINGS));
    assertThat(settings(rendered).kafka().bootstrapServers()).isNotEmpty();
  }

  /** Refuses unknown keys and bad values, as the job does. */
  private static JobSettings settings(Kustomized rendered) {
    Manifest map = rendered.all("ConfigMap").get(0);
    String yaml = map.at("/data").path(SETTINGS).asText();
    return JobSettings.of(Manifest.texts(Manifest.parse(yaml).get(0).json()));
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void theImagesHoldWhatIsRun(Kustomized rendered) throws IOException {
    String job = Files.readString(Path.of("deploy/docker/job.Dockerfile"));
    JsonNode spec = rendered.flink().at("/spec");
    String jar = spec.at("/job/jarURI").asText().replaceFirst("^local://", "");
    assertThat(job)
        .contains("-t " + spec.path("image").asText() + " ")
        .containsPattern("FROM flink:2\\.2\\.")
        .containsPattern("COPY .* target/sluice-job.jar " + jar + "\n");
    assertThat(spec.path("flinkVersion").asText()).isEqualTo("v2_2");
    assertThat(spec.at("/job/entryClass").asText()).isEqualTo(SluiceJob.class.getName());
    assertThat(Files.readString(Path.of("deploy/docker/tool.Dockerfile")))
        .contains("-t " + rendered.guard().pod().at("/spec/containers/0/image").asText() + " ");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void nextGuardIsReadyBeforeTheOldOneEndsAndNoProbeKillsIt(Kustomized rendered) {
    assertThat(rendered.guard().at("/spec/replicas").asInt()).isOne();
    JsonNode strategy = rendered.guard().at("/spec/strategy");
    assertThat(strategy.path("type").asText()).isEqualTo("RollingUpdate");
    assertThat(strategy.at("/rollingUpdate/maxSurge").asInt()).isOne();
    assertThat(strategy.at("/rollingUpdate/maxUnavailable").asInt(1)).isZero();
    JsonNode container = rendered.guard().pod().at("/spec/containers/0");
    assertThat(container.path("livenessProbe").isMissingNode()).isTrue();
    assertThat(container.path("lifecycle").isMissingNode()).isTrue();
    assertThat(container.at("/readinessProbe/httpGet/path").asText()).isEqualTo("/readyz");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void selectorsFindTheirPods(Kustomized rendered) {
    Set<Map.Entry<String, String>> guard = entries(rendered.guard().pod().at("/metadata/labels"));
    assertThat(guard).containsAll(entries(rendered.guard().at("/spec/selector/matchLabels")));
    for (Manifest service : rendered.all("Service")) {
      assertThat(pods(rendered))
          .anyMatch(each -> each.containsAll(entries(service.at("/spec/selector"))));
    }
    for (Manifest policy : rendered.all("NetworkPolicy")) {
      policy
          .json()
          .findValues("podSelector")
          .forEach(
              selector ->
                  assertThat(pods(rendered))
                      .as("%s", selector)
                      .anyMatch(each -> each.containsAll(entries(selector.path("matchLabels")))));
      assertThat(policy.at("/spec/policyTypes").toString()).isEqualTo("[\"Ingress\",\"Egress\"]");
    }
    for (Manifest budget : rendered.all("PodDisruptionBudget")) {
      assertThat(pods(rendered))
          .anyMatch(each -> each.containsAll(entries(budget.at("/spec/selector/matchLabels"))));
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void anEvictionEndsNoGuardAndOneJobManagerAtMost(Kustomized rendered) {
    assertThat(budget(rendered, "sluice-guard")).isEqualTo("0");
    assertThat(budget(rendered, "sluice-jobmanager")).isEqualTo("1");
    JsonNode resources = rendered.guard().pod().at("/spec/containers/0/resources");
    assertThat(resources.at("/requests/memory")).isEqualTo(resources.at("/limits/memory"));
  }

  private static String budget(Kustomized rendered, String name) {
    return rendered.one("PodDisruptionBudget", name).at("/spec/maxUnavailable").asText();
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void noContainerWritesToItsImageAndNoSecretIsForEverybody(Kustomized rendered) {
    for (Manifest each : List.of(rendered.guard(), rendered.flink())) {
      JsonNode container = each.pod().at("/spec/containers/0/securityContext");
      assertThat(container.path("readOnlyRootFilesystem").asBoolean()).as("%s", each).isTrue();
      assertThat(mount(each, "scratch")).as("%s", each).isEqualTo("/tmp");
    }
    assertThat(mount(rendered.flink(), "log")).isEqualTo("/opt/flink/log");
    for (Manifest each : rendered.manifests()) {
      for (JsonNode volume : each.pod().at("/spec/volumes")) {
        if (volume.has("secret")) {
          assertThat(Integer.toOctalString(volume.at("/secret/defaultMode").asInt()))
              .as("%s", volume)
              .isEqualTo("440");
        }
      }
    }
  }

  /**
   * The labels of each pod; Flink's own are those that it gives in native mode, the operator's its
   * chart's.
   */
  private static List<Set<Map.Entry<String, String>>> pods(Kustomized rendered) {
    String cluster = rendered.flink().name();
    Map<String, String> flink = Map.of("app", cluster, "type", "flink-native-kubernetes");
    Set<Map.Entry<String, String>> jobManager = new HashSet<>(flink.entrySet());
    jobManager.add(Map.entry("component", "jobmanager"));
    Set<Map.Entry<String, String>> taskManager = new HashSet<>(flink.entrySet());
    taskManager.add(Map.entry("component", "taskmanager"));
    Map<String, String> operator = Map.of("app.kubernetes.io/name", "flink-kubernetes-operator");
    return List.of(
        entries(rendered.guard().pod().at("/metadata/labels")),
        jobManager,
        taskManager,
        operator.entrySet());
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void portsAreTheSameWhereverTheyStand(Kustomized rendered) {
    String guard = port(rendered.guard());
    URI listen = URI.create("http://" + option(guard(rendered), "--listen"));
    assertThat(guard).isEqualTo("http " + listen.getPort());
    JsonNode service = rendered.one("Service", "sluice-guard").at("/spec/ports/0");
    assertThat(service.path("targetPort").asText() + " " + service.path("port").asText())
        .isEqualTo(guard);
    String metrics =
        rendered.flink().at("/spec/flinkConfiguration").path("metrics.reporter.prom.port").asText();
    assertThat(port(rendered.flink())).isEqualTo("metrics " + metrics);
    assertThat(allowed(rendered, "sluice-guard", "ingress")).containsExactly("" + listen.getPort());
    assertThat(allowed(rendered, "sluice-flink", "ingress"))
        .containsExactlyInAnyOrder("8081", metrics);
    Set<String> brokers =
        Stream.of(settings(rendered).kafka().bootstrapServers().split(","))
            .map(each -> each.replaceFirst(".*:", ""))
            .collect(Collectors.toSet());
    assertThat(allowed(rendered, "sluice-guard", "egress"))
        .containsAll(brokers)
        .containsExactlyInAnyOrder("8081", "53", "53", "9092");
    assertThat(allowed(rendered, "sluice-flink", "egress"))
        .containsAll(brokers)
        .containsExactlyInAnyOrder("53", "53", "9092", "443", "6443");
  }

  private static List<String> allowed(Kustomized rendered, String policy, String direction) {
    return rendered.one("NetworkPolicy", policy).at("/spec/" + direction).findValuesAsText("port");
  }

  private static String port(Manifest manifest) {
    JsonNode port = manifest.pod().at("/spec/containers/0/ports/0");
    return port.path("name").asText() + " " + port.path("containerPort").asText();
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void eachOfFlinksAccountsIsThereAndBoundToARoleOfItsOwn(Kustomized rendered) {
    JsonNode configuration = rendered.flink().at("/spec/flinkConfiguration");
    Map<String, String> accounts =
        Map.of(
            "sluice-flink", rendered.flink().at("/spec/serviceAccount").asText(),
            "sluice-taskmanager",
                configuration.path("kubernetes.taskmanager.service-account").asText());
    assertThat(rendered.all("RoleBinding")).hasSize(2);
    for (Manifest binding : rendered.all("RoleBinding")) {
      Manifest account =
          rendered.one("ServiceAccount", String.valueOf(accounts.get(binding.name())));
      assertThat(binding.at("/roleRef/name").asText()).isEqualTo(binding.name());
      assertThat(rendered.one("Role", binding.name())).isNotNull();
      assertThat(binding.at("/subjects")).hasSize(1);
      assertThat(binding.at("/subjects/0/kind").asText()).isEqualTo("ServiceAccount");
      for (String name : List.of("name", "namespace")) {
        assertThat(binding.at("/subjects/0").path(name))
            .isEqualTo(account.at("/metadata").path(name));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void whatHasAKnownNameIsNamedAndTheGuardMayDoNothing(Kustomized rendered) {
    String cluster = rendered.flink().name();
    for (JsonNode rule : rendered.one("Role", "sluice-flink").at("/rules")) {
      boolean anyName = Set.of("pods", "configmaps").contains(rule.at("/resources/0").asText());
      assertThat(rule.path("resourceNames").isMissingNode()).as("%s", rule).isEqualTo(anyName);
      for (JsonNode name : rule.path("resourceNames")) {
        assertThat(name.asText()).isIn(cluster, cluster + "-rest");
      }
    }
    for (JsonNode rule : rendered.one("Role", "sluice-taskmanager").at("/rules")) {
      assertThat(rule.path("verbs").toString()).isEqualTo("[\"get\",\"list\",\"watch\"]");
    }
    JsonNode guard = rendered.guard().pod().path("spec");
    Manifest account =
        rendered.one("ServiceAccount", guard.path("serviceAccountName").asText("none"));
    assertThat(guard.path("automountServiceAccountToken").asBoolean(true)).isFalse();
    assertThat(account.at("/automountServiceAccountToken").asBoolean(true)).isFalse();
    for (Manifest binding : rendered.all("RoleBinding")) {
      assertThat(binding.at("/subjects").findValuesAsText("name")).doesNotContain(account.name());
    }
  }

  @Test
  void anOverlayBringsItsOwnSettingsUnderANameOfTheirContent() {
    List<String> names =
        overlays().map(each -> each.all("ConfigMap").get(0).name()).distinct().toList();
    assertThat(names).hasSize(2).allMatch(name -> name.matches("sluice-settings-\\w{10}"));
  }

  private static ParseResult guard(Kustomized rendered) {
    String[] arguments =
        Manifest.list(rendered.guard().pod().at("/spec/containers/0/args")).stream()
            .map(JsonNode::asText)
            .toArray(String[]::new);
    return new CommandLine(new Sluice(ToolServices.real())).parseArgs(arguments).subcommand();
  }

  private static String option(ParseResult arguments, String name) {
    return String.valueOf(arguments.<Object>matchedOptionValue(name, ""));
  }

  private static String mount(Manifest manifest, String volume) {
    return Manifest.list(manifest.pod().at("/spec/containers/0/volumeMounts")).stream()
        .filter(each -> each.path("name").asText().equals(volume))
        .map(each -> each.path("mountPath").asText())
        .collect(Collectors.joining());
  }

  private static Set<String> texts(JsonNode list, String pointer) {
    return Manifest.list(list).stream()
        .map(each -> each.at(pointer).asText())
        .collect(Collectors.toSet());
  }

  private static Set<Map.Entry<String, String>> entries(JsonNode map) {
    assertThat(map.size()).isPositive();
    return Manifest.texts(map).entrySet();
  }
}
