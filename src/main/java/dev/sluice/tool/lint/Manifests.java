package dev.sluice.tool.lint;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Kubernetes manifests: pods that run the guard, wherever they stand; the Flink operator's
 * resources; a broker's and its topics' in Strimzi's form; files within a ConfigMap.
 */
final class Manifests {

  private static final String POD_GRACE = Key.POD_GRACE.text();

  private final Place file;
  private final Numbers numbers;

  Manifests(Place file, Numbers numbers) {
    this.file = file;
    this.numbers = numbers;
  }

  /** Reads one document; a List holds several. */
  void read(Object manifest) {
    String kind = Yaml.at(manifest, "kind").orElse("").toString();
    Place place =
        file.within(kind + " " + Yaml.at(manifest, "metadata", "name").orElse("without a name"));
    DeploymentFile settings = new DeploymentFile(file, numbers);
    switch (kind) {
      case "List" -> Yaml.children(Yaml.at(manifest, "items").orElse(null)).forEach(this::read);
      case "ConfigMap" -> configMap(manifest);
      case "Kafka" ->
          Yaml.at(manifest, "spec", "kafka", "config").map(Yaml::flat).ifPresent(settings::broker);
      case "KafkaTopic" ->
          Yaml.at(manifest, "spec", "config", Key.TOPIC_RETENTION.text())
              .ifPresent(text -> numbers.take(Key.TOPIC_RETENTION, text, place));
      default -> {
        Yaml.at(manifest, "spec", "flinkConfiguration").map(Yaml::flat).ifPresent(settings::flink);
        settings.jobArguments(Yaml.words(Yaml.at(manifest, "spec", "job", "args").orElse(null)));
        pods(manifest, inherited(manifest), place);
      }
    }
  }

  private void configMap(Object manifest) {
    if (Yaml.at(manifest, "data").orElse("") instanceof Map<?, ?> data) {
      data.forEach(
          (name, text) -> {
            if (("" + name).matches(".*\\.(ya?ml|properties)")) {
              new DeploymentFile(file, numbers).readWithin("" + name, "" + text);
            }
          });
    }
  }

  /** The Flink operator lays a JobManager's own template over the common one. */
  private static @Nullable Object inherited(Object manifest) {
    return Yaml.at(manifest, "spec", "podTemplate", "spec", POD_GRACE).orElse(null);
  }

  private void pods(Object node, @Nullable Object inherited, Place place) {
    if (Yaml.at(node, "containers").orElse("") instanceof List<?>) {
      pod(node, inherited, place);
    } else {
      Yaml.children(node).forEach(child -> pods(child, inherited, place));
    }
  }

  private void pod(Object pod, @Nullable Object inherited, Place place) {
    List<Object> containers =
        new ArrayList<>(Yaml.children(Yaml.at(pod, "containers").orElse(null)));
    containers.addAll(Yaml.children(Yaml.at(pod, "initContainers").orElse(null)));
    for (Object container : containers) {
      List<String> words = new ArrayList<>(Yaml.words(Yaml.at(container, "command").orElse(null)));
      words.addAll(Yaml.words(Yaml.at(container, "args").orElse(null)));
      new DeploymentFile(file, numbers).jobArguments(words);
      numbers.guard(words, Key.POD_GRACE, Yaml.at(pod, POD_GRACE).orElse(inherited), place);
    }
  }
}
