package dev.sluice.tool.lint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A compose file: services that run the guard; a broker whose settings, or a Flink whose
 * configuration, is in a service's environment.
 */
final class ComposeFile {

  private static final String KAFKA = "KAFKA_";

  private final Place file;
  private final Numbers numbers;

  ComposeFile(Place file, Numbers numbers) {
    this.file = file;
    this.numbers = numbers;
  }

  /** Reads all of its services. */
  void read(Object document) {
    if (Yaml.at(document, "services").orElse("") instanceof Map<?, ?> services) {
      services.forEach((name, service) -> service(file.within("" + name), service));
    }
  }

  private void service(Place place, Object service) {
    List<String> words = new ArrayList<>(Yaml.words(Yaml.at(service, "entrypoint").orElse(null)));
    words.addAll(Yaml.words(Yaml.at(service, "command").orElse(null)));
    Object killedAfter = Yaml.at(service, Key.SERVICE_GRACE.text()).orElse(null);
    numbers.guard(words, Key.SERVICE_GRACE, killedAfter, place);
    DeploymentFile settings = new DeploymentFile(file, numbers);
    settings.jobArguments(words);
    Map<String, String> environment = environment(service);
    String flink = environment.get("FLINK_PROPERTIES");
    if (flink != null) {
      settings.readWithin("FLINK_PROPERTIES", flink);
    }
    Map<String, String> broker = new LinkedHashMap<>();
    environment.forEach(
        (name, value) -> {
          if (name.startsWith(KAFKA)) {
            broker.put(
                name.substring(KAFKA.length()).toLowerCase(Locale.ROOT).replace('_', '.'), value);
          }
        });
    if (broker.containsKey("process.roles") || broker.containsKey("broker.id")) {
      settings.broker(broker);
    }
  }

  /** It is a map, or a list of {@code NAME=value}. */
  private static Map<String, String> environment(Object service) {
    Object given = Yaml.at(service, "environment").orElse("");
    if (!(given instanceof List<?>)) {
      return Yaml.flat(given);
    }
    Map<String, String> environment = new LinkedHashMap<>();
    for (Object each : Yaml.children(given)) {
      String[] parts = each.toString().split("=", 2);
      environment.put(parts[0], parts.length == 1 ? "" : parts[1]);
    }
    return environment;
  }
}
