package dev.sluice.tool.lint;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Detects by its content what kind a file is, and reads the numbers of that kind. */
final class DeploymentFile {

  private static final Pattern SECTION = Pattern.compile("\\[[A-Za-z]+]");
  private static final Pattern PROPERTY = Pattern.compile("[\\w.-]+\\s*=.*");
  private static final Set<String> OF_A_BROKER =
      Set.of("process.roles", "node.id", "broker.id", "log.dirs", "zookeeper.connect");
  private static final Pattern OF_FLINK =
      Pattern.compile(
          "(execution|jobmanager|taskmanager|parallelism|state|rest|high-availability|restart-strategy)\\..*|client\\.timeout");
  private static final String GUARANTEE = "sluice.sink.delivery-guarantee";

  private final Place place;
  private final Numbers numbers;

  DeploymentFile(Place place, Numbers numbers) {
    this.place = place;
    this.numbers = numbers;
  }

  /**
   * Reads it; of an unknown kind, nothing.
   *
   * @throws IllegalArgumentException if it is neither YAML nor another known format
   */
  void read(String text) {
    String first =
        text.lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("#") && !line.startsWith(";"))
            .findFirst()
            .orElse("");
    if (SECTION.matcher(first).matches()) {
      new Units(place, numbers).read(text);
    } else if (PROPERTY.matcher(first).matches()) {
      properties(text);
    } else {
      Yaml.documents(text).forEach(this::document);
    }
  }

  /** Reads a file that another holds under a name. */
  void readWithin(String name, String text) {
    try {
      new DeploymentFile(Place.of(place.file() + ": " + name), numbers).read(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("within its %s: %s".formatted(name, e.getMessage()), e);
    }
  }

  private void properties(String text) {
    Properties read = new Properties();
    try {
      read.load(new StringReader(text));
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
    Map<String, String> flat = new TreeMap<>();
    read.stringPropertyNames().forEach(name -> flat.put(name, read.getProperty(name)));
    if (isOfABroker(flat)) {
      broker(flat);
    }
  }

  private void document(Object document) {
    if (Yaml.at(document, "apiVersion").isPresent() && Yaml.at(document, "kind").isPresent()) {
      new Manifests(place, numbers).read(document);
    } else if (Yaml.at(document, "services").orElse("") instanceof Map<?, ?>) {
      new ComposeFile(place, numbers).read(document);
    } else {
      flat(Yaml.flat(document));
    }
  }

  private void flat(Map<String, String> flat) {
    if (flat.keySet().stream().anyMatch(key -> key.startsWith("sluice."))) {
      job(flat, true);
    }
    if (flat.keySet().stream().anyMatch(key -> OF_FLINK.matcher(key).matches())) {
      flink(flat);
    }
    if (isOfABroker(flat)) {
      broker(flat);
    }
  }

  /** Flink's own configuration. */
  void flink(Map<String, String> flat) {
    Key.OF_FLINK.forEach(key -> numbers.take(key, flat.get(key.text()), place));
  }

  /** The job's settings; all of them, so that a default holds, or only some. */
  void job(Map<String, String> flat, boolean all) {
    if ("at-least-once".equals(flat.get(GUARANTEE))) {
      numbers.note(
          "%s: %s is at-least-once, so there are no transactions".formatted(place, GUARANTEE));
    } else if (all || flat.containsKey(Key.TRANSACTION.text())) {
      numbers.take(Key.TRANSACTION, flat.get(Key.TRANSACTION.text()), place);
    }
  }

  /** A job's arguments, {@code --sluice.x.y value} or {@code --sluice.x.y=value}. */
  void jobArguments(List<String> words) {
    Map<String, String> flat = new TreeMap<>();
    for (String name : List.of(GUARANTEE, Key.TRANSACTION.text())) {
      String value = Numbers.value(words, "--" + name);
      if (value != null) {
        flat.put(name, value);
      }
    }
    job(flat, false);
  }

  private static boolean isOfABroker(Map<String, String> flat) {
    return flat.keySet().stream()
        .anyMatch(
            key ->
                OF_A_BROKER.contains(key)
                    || key.startsWith("log.retention.")
                    || key.equals(Key.LIMIT.text()));
  }

  /** A broker's settings. */
  void broker(Map<String, String> flat) {
    numbers.take(Key.LIMIT, flat.get(Key.LIMIT.text()), place);
    Key retention =
        Key.OF_RETENTION.stream()
            .filter(key -> flat.containsKey(key.text()))
            .findFirst()
            .orElse(Key.LOG_RETENTION_HOURS);
    numbers.take(retention, flat.get(retention.text()), place);
    @Nullable String bytes = flat.get("log.retention.bytes");
    if (bytes != null && !bytes.strip().equals("-1")) {
      numbers.note(
          "%s: log.retention.bytes (%s) may delete records sooner than their time; how soon depends on the load"
              .formatted(place, bytes));
    }
  }
}
