package dev.sluice.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Option;

/** The flag {@code -o}, the same on every verb that prints a result. */
final class OutputForm {

  private static final ObjectMapper JSON =
      new ObjectMapper().disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);

  @Option(
      names = {"-o", "--output-format"},
      paramLabel = "FORM",
      defaultValue = "text",
      description = "How to print the result: ${COMPLETION-CANDIDATES} (default: text).")
  Form form = Form.text;

  /** The forms, named as they are typed. */
  enum Form {
    text,
    json
  }

  boolean isJson() {
    return form == Form.json;
  }

  /** Prints an object on one line. */
  static void printJson(PrintWriter out, Map<String, ?> object) throws IOException {
    out.println(JSON.writeValueAsString(object));
    out.flush();
  }
}
