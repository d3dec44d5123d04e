package dev.sluice.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * A compose file, as YAML's anchors have resolved it.
 *
 * @param document all of it
 */
record ComposeStack(JsonNode document) {

  static final Path DIRECTORY = Path.of("deploy", "compose");
  static final Path FILE = DIRECTORY.resolve("compose.yaml");
  static final Path FLINK = Path.of("flink-conf");
  static final Path BROKER = Path.of("deploy", "local", "broker", "server.properties");

  private static final ObjectMapper JSON = new ObjectMapper();

  static ComposeStack committed() throws IOException {
    return of(Files.readString(FILE));
  }

  static ComposeStack of(String text) {
    return new ComposeStack(yaml(text));
  }

  static JsonNode yaml(String text) {
    return JSON.valueToTree(new Load(LoadSettings.builder().build()).loadFromString(text));
  }

  /** A property of the build, as {@code flink.version}. */
  static String ofThePom(String property) throws IOException {
    String name = Pattern.quote(property);
    Matcher found =
        Pattern.compile("<%s>([^<]+)</%s>".formatted(name, name))
            .matcher(Files.readString(Path.of("pom.xml")));
    if (!found.find()) {
      throw new IOException("pom.xml has no property " + property);
    }
    return found.group(1);
  }

  Set<Map.Entry<String, JsonNode>> services() {
    return document.path("services").properties();
  }

  JsonNode service(String name) {
    return document.path("services").path(name);
  }

  Set<String> names(String section) {
    Set<String> names = new LinkedHashSet<>();
    document.path(section).fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** What a service runs: its entrypoint and its command. */
  static List<String> words(JsonNode service) {
    return Stream.of("entrypoint", "command").flatMap(key -> texts(service.path(key))).toList();
  }

  /** The word behind another in what a service runs. */
  static String behind(JsonNode service, String word) {
    List<String> words = words(service);
    return words.get(words.indexOf(word) + 1);
  }

  /** What a service has mounted: a path here or a volume's name, and where. */
  static List<Mount> mounts(JsonNode service) {
    return texts(service.path("volumes")).map(Mount::of).toList();
  }

  static Stream<String> texts(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText);
  }

  /** Every name of a map, and every text, at any place. */
  static List<Map.Entry<String, String>> scalars(String name, JsonNode node) {
    List<Map.Entry<String, String>> scalars = new ArrayList<>();
    if (node.isValueNode()) {
      scalars.add(Map.entry(name, node.asText()));
    }
    node.properties().forEach(each -> scalars.addAll(scalars(each.getKey(), each.getValue())));
    if (node.isArray()) {
      node.forEach(each -> scalars.addAll(scalars(name, each)));
    }
    return scalars;
  }

  /**
   * One line of a service's volumes, in its short form.
   *
   * @param source a path from the compose file's directory, or a volume
   * @param target where it is in the container
   */
  record Mount(String source, String target) {

    static Mount of(String text) {
      String[] parts = text.split(":", -1);
      return new Mount(parts[0], parts[1]);
    }

    boolean isPath() {
      return source.startsWith(".") || source.startsWith("/");
    }

    Path path() {
      return DIRECTORY.resolve(source).normalize();
    }
  }
}
