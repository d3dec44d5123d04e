package dev.sluice.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The schemas of the Flink operator's kinds, from its own archive. A cluster drops what they do not
 * name without a word, so here everything else is a fault.
 */
final class OperatorSchemas {

  private static final String TYPE = "type";
  private static final String PROPERTIES = "properties";
  private static final String OTHERS = "additionalProperties";

  private final JsonSchema schema;

  private OperatorSchemas(JsonSchema schema) {
    this.schema = schema;
  }

  static OperatorSchemas flinkDeployment() {
    ObjectNode schema = read("flinkdeployments");
    // The archive's operator 1.10 ends at v1_20; v2_2 came later, and there is none of those.
    ArrayNode versions = (ArrayNode) schema.at("/properties/spec/properties/flinkVersion/enum");
    versions.add("v2_2");
    return strict(schema);
  }

  static OperatorSchemas flinkStateSnapshot() {
    return strict(read("flinkstatesnapshots"));
  }

  /** What is wrong with a resource, except for its metadata, which every kind has. */
  List<String> faults(Manifest manifest) {
    ObjectNode rest = manifest.json().deepCopy();
    rest.remove(List.of("apiVersion", "kind", "metadata"));
    return schema.validate(rest).stream().map(ValidationMessage::getMessage).toList();
  }

  private static OperatorSchemas strict(ObjectNode schema) {
    close(schema);
    return new OperatorSchemas(JsonSchemaFactory.getInstance(VersionFlag.V7).getSchema(schema));
  }

  private static ObjectNode read(String kinds) {
    String resource = "/META-INF/fabric8/%s.flink.apache.org-v1.yml".formatted(kinds);
    try (InputStream file = OperatorSchemas.class.getResourceAsStream(resource)) {
      if (file == null) {
        throw new AssertionError("flink-kubernetes-operator-api has no " + resource);
      }
      String yaml = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      return (ObjectNode) Manifest.parse(yaml).get(0).at("/spec/versions/0/schema/openAPIV3Schema");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Forbids what it does not name, at every depth. */
  private static void close(JsonNode schema) {
    boolean open = schema.path("x-kubernetes-preserve-unknown-fields").asBoolean();
    boolean names = schema.has(PROPERTIES);
    // A checkpoint's specification has no field at all.
    boolean empty = schema.path(TYPE).asText().equals("object") && !names;
    if ((names || empty) && !open && !schema.has(OTHERS)) {
      ((ObjectNode) schema).put(OTHERS, false);
    }
    schema.path(PROPERTIES).forEach(OperatorSchemas::close);
    close(schema, "items");
    close(schema, OTHERS);
  }

  private static void close(JsonNode schema, String below) {
    if (schema.path(below).isObject()) {
      close(schema.path(below));
    }
  }
}
