package dev.sluice.support;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Holds what the tool prints to the schemas that it carries. */
public final class OutputSchema {

  private static final String FOLDER = "/dev/sluice/tool/cli/";

  private OutputSchema() {}

  /**
   * Whether a verb has one.
   *
   * @param verb with a dash between two words
   */
  public static boolean exists(String verb) {
    return OutputSchema.class.getResource(FOLDER + verb + ".schema.json") != null;
  }

  /**
   * Requires that an object is as the schema says.
   *
   * @param verb with a dash between two words
   */
  public static void require(String verb, JsonNode object) {
    try (InputStream file =
        OutputSchema.class.getResourceAsStream(FOLDER + verb + ".schema.json")) {
      assertThat(file).as("the schema of %s", verb).isNotNull();
      JsonSchema schema = JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(file);
      assertThat(schema.validate(object)).as("%s against the schema of %s", object, verb).isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
