package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A cluster takes most misspelt fields without a word, and goes by the default. */
class KubernetesManifestsTest {

  private static final Path SNAPSHOT = Path.of("deploy/kubernetes/savepoint.yaml");
  private static final OperatorSchemas JOB = OperatorSchemas.flinkDeployment();
  private static final OperatorSchemas SAVEPOINT = OperatorSchemas.flinkStateSnapshot();

  @ParameterizedTest
  @ValueSource(strings = {Kustomized.BASE, Kustomized.DEVELOPMENT, Kustomized.PRODUCTION})
  void everyFieldIsOneOfItsKind(String directory) {
    Kustomized rendered = Kustomized.of(directory);
    assertThat(rendered.manifests()).hasSizeGreaterThan(10);
    assertThat(faults(rendered.manifests())).isEmpty();
  }

  @Test
  void everyFieldOfTheSavepointIsOneOfItsKind() throws IOException {
    assertThat(faults(Manifest.parse(Files.readString(SNAPSHOT)))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "terminationGracePeriodSeconds: 240|terminationGracePeriodSecond: 240",
        "terminationGracePeriodSeconds: 240|terminationGracePeriodSeconds: 4m",
        "mountPath: /etc/sluice-guard|mountpath: /etc/sluice-guard",
        "safe-to-evict: \"false\"|safe-to-evict: false",
        "apiVersion: apps/v1|apiVersion: apps/v1beta1",
        "targetPort: http|targetport: http",
        "publishNotReadyAddresses: true|publishNotReadyAddress: true",
        "accessModes:|accessmodes:",
        "policyTypes:|policyType:",
        "maxUnavailable: 1|maxUnavailables: 1",
        "defaultMode: 288|defaultMode: \"0440\"",
        "resourceNames:|resourceName:",
        "namespaceSelector:|nameSpaceSelector:",
        "verbs:|verb:",
        "roleRef:|roleref:",
        "kind: ServiceAccount|automountServiceAccountTokens: false\\nkind: ServiceAccount",
        "upgradeMode: savepoint|upgrademode: savepoint",
        "upgradeMode: savepoint|upgradeMode: savepoints",
        "flinkVersion: v2_2|flinkVersion: v2_22",
        "cleanup.enabled: \"false\"|cleanup.enabled: false",
        "replicas: 2|replica: 2",
        "cpu: 4|cpu: four",
        "containerPort: 9249|containerport: 9249",
        "v1\\ndata:|v1\\ndat:",
      })
  void aPlantedMistakeIsFound(String right, String wrong) {
    String yaml = Kustomized.of(Kustomized.PRODUCTION).yaml();
    assertThat(faults(Manifest.parse(with(yaml, right, wrong)))).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "disposeOnDelete: false|disposeOnDeletes: false",
        "formatType: CANONICAL|formatType: CANONIC",
        "kind: FlinkDeployment|kind: FlinkDeployments",
        "generateName: sluice-|generatename: sluice-",
        "backoffLimit: 1|backoffLimit: one",
        "savepoint:|savepoint: {}\\n  checkpoint:",
      })
  void aPlantedMistakeInTheSavepointIsFound(String right, String wrong) throws IOException {
    String yaml = with(Files.readString(SNAPSHOT), right, wrong);
    assertThat(faults(Manifest.parse(yaml))).isNotEmpty();
  }

  /** Whatever object it is put in, but for those whose names are free. */
  @Test
  void anUnknownFieldIsFoundAtAnyDepth() throws IOException {
    List<Manifest> manifests = new ArrayList<>(Kustomized.of(Kustomized.PRODUCTION).manifests());
    manifests.addAll(Manifest.parse(Files.readString(SNAPSHOT)));
    Set<String> unnoticed = new TreeSet<>();
    int planted = 0;
    for (Manifest manifest : manifests) {
      for (String place : objects("", manifest.json()).toList()) {
        ObjectNode copy = manifest.json().deepCopy();
        ((ObjectNode) copy.at(place)).put("misspelt", "1");
        planted++;
        if (faults(List.of(new Manifest(copy))).isEmpty()) {
          unnoticed.add(place.replaceFirst(".*/", ""));
        }
      }
    }
    assertThat(planted).isGreaterThan(100);
    assertThat(unnoticed)
        .containsExactlyInAnyOrder(
            "annotations",
            "data",
            "flinkConfiguration",
            "labels",
            "limits",
            "matchLabels",
            "requests",
            "selector");
  }

  @Test
  void withoutKubectlItsPackageIsNamed() {
    assertThatThrownBy(() -> Kustomized.of("kubectl-that-is-not-there", Path.of("deploy")))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("kubernetes-client");
  }

  /** JSON pointers to all objects of a tree. */
  private static Stream<String> objects(String here, JsonNode node) {
    Stream<String> below = Stream.empty();
    if (node.isObject()) {
      below =
          node.properties().stream()
              .flatMap(each -> objects(here + "/" + pointer(each.getKey()), each.getValue()));
      return Stream.concat(Stream.of(here), below);
    }
    for (int i = 0; i < node.size(); i++) {
      below = Stream.concat(below, objects(here + "/" + i, node.path(i)));
    }
    return below;
  }

  private static String pointer(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  /** The first place changed; a line's end is written as such within both. */
  private static String with(String yaml, String right, String wrong) {
    String old = right.replace("\\n", "\n");
    assertThat(yaml).contains(old);
    int at = yaml.indexOf(old);
    return yaml.substring(0, at) + wrong.replace("\\n", "\n") + yaml.substring(at + old.length());
  }

  private static List<String> faults(List<Manifest> manifests) {
    List<String> faults = new ArrayList<>();
    for (Manifest each : manifests) {
      faultsOf(each).forEach(fault -> faults.add(each + ": " + fault));
    }
    return faults;
  }

  private static List<String> faultsOf(Manifest manifest) {
    @Nullable OperatorSchemas schema =
        switch (manifest.type()) {
          case "flink.apache.org/v1beta1 FlinkDeployment" -> JOB;
          case "flink.apache.org/v1beta1 FlinkStateSnapshot" -> SAVEPOINT;
          default -> null;
        };
    if (schema == null) {
      return BuiltInKinds.faults(manifest);
    }
    List<String> faults = new ArrayList<>(schema.faults(manifest));
    faults.addAll(BuiltInKinds.metadataFaults(manifest));
    return faults;
  }
}
