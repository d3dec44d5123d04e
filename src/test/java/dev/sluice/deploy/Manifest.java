package dev.sluice.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * One resource of Kubernetes, as written in YAML.
 *
 * @param json all of it
 */
record Manifest(ObjectNode json) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The documents of a stream; each key may stand but once. */
  static List<Manifest> parse(String yaml) {
    List<Manifest> manifests = new ArrayList<>();
    for (Object each : new Load(LoadSettings.builder().build()).loadAllFromString(yaml)) {
      manifests.add(new Manifest(JSON.convertValue(each, ObjectNode.class)));
    }
    return manifests;
  }

  /** As {@code apps/v1 Deployment}. */
  String type() {
    return json.path("apiVersion").asText() + " " + json.path("kind").asText();
  }

  String kind() {
    return json.path("kind").asText();
  }

  String name() {
    return json.at("/metadata/name").asText();
  }

  /** What a JSON pointer leads to; a missing node if there is nothing. */
  JsonNode at(String pointer) {
    return json.at(pointer);
  }

  /** Where its pods are described; a missing node if it has none. */
  JsonNode pod() {
    JsonNode deployed = at("/spec/template");
    return deployed.isMissingNode() ? at("/spec/podTemplate") : deployed;
  }

  /** The names and scalars of a map. */
  static Map<String, String> texts(JsonNode map) {
    Map<String, String> texts = new LinkedHashMap<>();
    map.properties().forEach(each -> texts.put(each.getKey(), each.getValue().asText()));
    return texts;
  }

  /** A list's elements. */
  static List<JsonNode> list(JsonNode array) {
    List<JsonNode> elements = new ArrayList<>();
    array.forEach(elements::add);
    return elements;
  }

  @Override
  public String toString() {
    return kind() + " " + name();
  }
}
