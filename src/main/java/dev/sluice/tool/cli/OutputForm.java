package dev.sluice.tool.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
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

  /** Times in ISO-8601; a figure that is not known, or not finite, is null. */
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .registerModule(
              new SimpleModule()
                  .addSerializer(Instant.class, ToStringSerializer.instance)
                  .addSerializer(Double.class, figures(value -> value))
                  .addSerializer(double.class, figures(value -> value))
                  .addSerializer(OptionalDouble.class, figures(value -> value.orElse(Double.NaN))));

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
  void print(PrintWriter out, Object object) {
    if (form == Form.yaml) {
      printYaml(out, object);
    } else {
      printJson(out, object);
    }
  }

  /** Prints an object as a document of YAML. */
  static void printYaml(PrintWriter out, Object object) {
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

  private static <T> JsonSerializer<T> figures(ToDoubleFunction<T> figure) {
    return new JsonSerializer<>() {
      @Override
      public void serialize(T value, JsonGenerator to, SerializerProvider unused)
          throws IOException {
        double number = figure.applyAsDouble(value);
        if (Double.isFinite(number)) {
          to.writeNumber(number);
        } else {
          to.writeNull();
        }
      }
    };
  }

  /** An object's fields, to which others can be added. */
  static Map<String, Object> fields(Object object) {
    return JSON.convertValue(object, new TypeReference<LinkedHashMap<String, Object>>() {});
  }

  /** The fields that every result of an operation begins with. */
  static Map<String, Object> result(int exitCode, String text) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("exitCode", exitCode);
    result.put("text", text);
    putCodes(result, text);
    return result;
  }

  /** Adds a field that is known. */
  static void put(Map<String, Object> object, String name, @Nullable Object value) {
    if (value != null) {
      object.put(name, value);
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
  static void printJson(PrintWriter out, Object object) {
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
