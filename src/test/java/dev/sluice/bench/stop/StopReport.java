package dev.sluice.bench.stop;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was measured, as a table in Markdown, as JSON and as plots. */
record StopReport(Map<String, String> machine, StopOptions options, List<Trial> trials) {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** One measurement on a line. */
  static String line(Trial trial) {
    StringBuilder line =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%,d keys, round %s, %s (load %.1f):",
                trial.keys(),
                trial.round(),
                trial.way().title(),
                trial.load()));
    String separator = " ";
    for (Map.Entry<Figure, Double> entry : trial.figures().entrySet()) {
      Figure figure = entry.getKey();
      line.append(separator).append(figure.title()).append(' ');
      line.append(shown(figure, entry.getValue())).append(' ').append(figure.unit());
      separator = ", ";
    }
    return line.toString();
  }

  private static String shown(Figure figure, double value) {
    return String.format(Locale.ROOT, "%,." + figure.digits() + "f", figure.shown(value));
  }

  /** The machine, then a row for each number of keys and each way. */
  String text() {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%s; %s cores (%s), load %s before it; commit %s; Flink %s, Kafka %s, Java %s%n"
                    + "%,d events/s, commits every 2 s; medians, least and most in parentheses%n%n",
                machine.get("date"),
                machine.get("cores"),
                machine.get("cpu"),
                machine.get("load"),
                machine.get("commit"),
                machine.get("flink"),
                machine.get("kafka"),
                machine.get("java"),
                options.perSecond()));
    text.append("| keys | way | runs |");
    for (Figure figure : Figure.values()) {
      text.append(' ').append(figure.title());
      text.append(figure.unit().isEmpty() ? "" : ", " + figure.unit()).append(" |");
    }
    text.append("\n|---:|---|---:|").append("---:|".repeat(Figure.values().length)).append('\n');
    for (int keys : options.keys()) {
      for (Way way : Way.values()) {
        text.append(row(keys, way));
      }
    }
    return text.toString();
  }

  private String row(int keys, Way way) {
    long runs = trials.stream().filter(one -> one.keys() == keys && one.way() == way).count();
    if (runs == 0) {
      return "";
    }
    StringBuilder row =
        new StringBuilder(String.format(Locale.ROOT, "| %,d | %s | %s |", keys, way.title(), runs));
    for (Figure figure : Figure.values()) {
      Plot.Point point = point(keys, way, figure);
      row.append(' ');
      if (point != null) {
        row.append(shown(figure, point.median()));
        String least = shown(figure, point.least());
        String most = shown(figure, point.most());
        row.append(least.equals(most) ? "" : " (%s–%s)".formatted(least, most));
      }
      row.append(" |");
    }
    return row.append('\n').toString();
  }

  private Plot.@Nullable Point point(int keys, Way way, Figure figure) {
    double[] values =
        trials.stream()
            .filter(trial -> trial.keys() == keys && trial.way() == way)
            .map(trial -> trial.figures().get(figure))
            .filter(value -> value != null)
            .mapToDouble(Double::doubleValue)
            .toArray();
    return values.length == 0 ? null : Plot.Point.of(keys, values);
  }

  /** By the names of their files. */
  Map<String, Plot> plots() {
    Map<String, Plot> plots = new LinkedHashMap<>();
    plots.put(
        "stop-time.svg",
        plot(
            "From the request to stop until FINISHED and until proved",
            "s",
            List.of(
                curve("until FINISHED (canonical)", Way.FLINK_CANONICAL, Figure.ENDED),
                curve("until FINISHED (native)", Way.FLINK_NATIVE, Figure.ENDED),
                curve("until proved (canonical)", Way.DRILL_CANONICAL, Figure.PROVED),
                curve("until proved (native)", Way.DRILL_NATIVE, Figure.PROVED))));
    List<Plot.Curve> silences = new ArrayList<>();
    for (Way way : Way.values()) {
      silences.add(curve(way.title(), way, Figure.SILENT));
    }
    plots.put(
        "stop-silence.svg",
        plot("Longest silence of a stop with a restart at once", "s", silences));
    plots.put(
        "stop-size.svg",
        plot(
            "Size of the savepoint",
            "MB",
            List.of(
                curve("canonical", Way.DRILL_CANONICAL, Figure.SAVED),
                curve("native", Way.DRILL_NATIVE, Figure.SAVED))));
    return plots;
  }

  private static Plot plot(String title, String unit, List<Plot.Curve> curves) {
    return new Plot(
        title, unit, curves.stream().filter(curve -> !curve.points().isEmpty()).toList());
  }

  private Plot.Curve curve(String name, Way way, Figure figure) {
    List<Plot.Point> points = new ArrayList<>();
    for (int keys : options.keys()) {
      Plot.Point point = point(keys, way, figure);
      if (point != null) {
        points.add(
            new Plot.Point(
                keys,
                figure.shown(point.least()),
                figure.shown(point.median()),
                figure.shown(point.most())));
      }
    }
    return new Plot.Curve(name, points);
  }

  /** Everything, each run too. */
  ObjectNode json() {
    ObjectNode all = JSON.createObjectNode();
    ObjectNode where = all.putObject("machine");
    machine.forEach(where::put);
    ObjectNode what = all.putObject("options");
    ArrayNode keys = what.putArray("keys");
    options.keys().forEach(keys::add);
    what.put("rounds", options.rounds());
    what.put("eventsPerSecond", options.perSecond());
    ArrayNode runs = all.putArray("runs");
    for (Trial trial : trials) {
      ObjectNode run = runs.addObject();
      run.put("way", lower(trial.way()));
      run.put("keys", trial.keys());
      run.put("round", trial.round());
      run.put("load", trial.load());
      trial.figures().forEach((figure, value) -> run.put(lower(figure), value));
    }
    return all;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Writes JSON and plots into a folder; returns the file of JSON. */
  Path write(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (Map.Entry<String, Plot> plot : plots().entrySet()) {
      if (!plot.getValue().curves().isEmpty()) {
        Files.writeString(folder.resolve(plot.getKey()), plot.getValue().svg());
      }
    }
    String name = "stop-" + String.valueOf(machine.get("date")).replace(":", "") + ".json";
    Path file = folder.resolve(name);
    JSON.writeValue(file.toFile(), json());
    return file;
  }
}
