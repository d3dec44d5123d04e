package dev.sluice.tool.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.representer.StandardRepresenter;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flag {@code -o}, the same on every verb that prints a result. */
final class OutputForm {

  private static final String SHORT = "-o";
  private static final String LONG = "--output-format";

  private static final ObjectMapper JSON =
      new ObjectMapper().disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);

  @Mixin final Console console = new Console();

  @Option(
      names = {SHORT, LONG},
      paramLabel = "FORM",
      defaultValue = "text",
      description = "How to print the result: ${COMPLETION-CANDIDATES} (default: text).")
  Form form = Form.text;

  /** The forms, named as they are typed. */
  enum Form {
    text,
    json,
    yaml
  }

  /** Whether the result is for programs: JSON, or YAML, which is printed by {@link #print}. */
  boolean isJson() {
    return form != Form.text;
  }

  /** Prints a result for programs, in the form asked for. */
  void print(PrintWriter out, Map<String, ?> object) throws IOException {
    if (form == Form.yaml) {
      printYaml(out, object);
    } else {
      printJson(out, object);
    }
  }

  /** Prints an object as a document of YAML. */
  static void printYaml(PrintWriter out, Map<String, ?> object) {
    DumpSettings settings =
        DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).setExplicitStart(true).build();
    Object plain = JSON.convertValue(object, Object.class);
    String yaml = new Dump(settings, new QuotedTexts(settings)).dumpToString(plain);
    out.print(PlainText.escapedYaml(yaml));
    out.flush();
  }

  /** Readers of YAML 1.1 take no, on, y and times for other things than texts unless quoted. */
  private static final class QuotedTexts extends StandardRepresenter {
    QuotedTexts(DumpSettings settings) {
      super(settings);
      representers.put(
          String.class,
          text -> representScalar(Tag.STR, text.toString(), ScalarStyle.DOUBLE_QUOTED));
    }
  }

  /** Adds the codes of the refusals that a text carries, each with its section of the runbook. */
  static void putCodes(Map<String, Object> object, String text) {
    List<Map<String, String>> codes = new ArrayList<>();
    for (RefusalCode one : RefusalCode.of(text)) {
      codes.add(Map.of("code", one.code(), "section", one.section()));
    }
    if (!codes.isEmpty()) {
      object.put("codes", codes);
    }
  }

  /** Prints an object on one line. */
  static void printJson(PrintWriter out, Map<String, ?> object) {
    try {
      out.println(PlainText.escaped(JSON.writeValueAsString(object)));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
    out.flush();
  }

  /** The form that a line asks for which can't be parsed; empty if it asks for none. */
  static String wanted(CommandLine command, String[] line) {
    if (!command.getCommandSpec().optionsMap().containsKey(LONG)) {
      return "";
    }
    for (int i = 0; i < line.length; i++) {
      String word = line[i];
      if (word.equals(SHORT) || word.equals(LONG)) {
        return i + 1 < line.length ? line[i + 1] : "";
      } else if (word.startsWith(LONG + "=")) {
        return word.substring(LONG.length() + 1);
      } else if (word.matches(SHORT + "=?(json|yaml)")) {
        return word.substring(word.length() - "json".length());
      }
    }
    return "";
  }
}
