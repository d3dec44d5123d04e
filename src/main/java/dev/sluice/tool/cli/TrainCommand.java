package dev.sluice.tool.cli;

import dev.sluice.model.Champion;
import dev.sluice.model.ChampionTrainer;
import dev.sluice.tool.training.ChampionFile;
import dev.sluice.tool.training.ChampionTraining;
import dev.sluice.tool.training.TrainingEvents;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a champion offline. */
@Command(
    name = "train",
    header = "Trains a linear champion from a file of events and writes it as a Tribuo model.",
    exitCodeList = {"0:written", "1:nothing written"},
    footer = "  sluice train events.jsonl.gz --output champion.tribuo --labels ontime,late")
final class TrainCommand extends ResultVerb {

  @Parameters(
      paramLabel = "EVENTS",
      description = "Observations and outcomes, JSON lines; .gz allowed; - is stdin.")
  String events = "";

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "Where the champion is written, atomically.")
  Path file = Path.of("");

  @Option(
      names = "--labels",
      split = ",",
      defaultValue = "ontime,late",
      paramLabel = "LABEL",
      description = "The job's labels (default: ontime,late).")
  List<String> labels = List.of();

  @Option(names = "--regression", description = "The outcomes carry values, not labels.")
  boolean regression;

  @Option(
      names = "--without",
      split = ",",
      paramLabel = "FEATURE",
      description = "Features the champion shall not know; challengers still learn them.")
  Set<String> without = Set.of();

  @Option(
      names = "--learning-rate",
      defaultValue = "0.1",
      paramLabel = "RATE",
      description = "AdaGrad's (default: ${DEFAULT-VALUE}).")
  double learningRate;

  @Option(
      names = "--epochs",
      defaultValue = "3",
      paramLabel = "N",
      description = "Passes over the examples (default: ${DEFAULT-VALUE}).")
  int epochs;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "N",
      description = "Of the shuffling (default: ${DEFAULT-VALUE}).")
  long seed;

  @Option(
      names = "--limit",
      defaultValue = "2147483647",
      paramLabel = "N",
      description = "Read only the first N observations (default: all).")
  int limit;

  @Override
  public Integer call() throws IOException {
    ChampionTrainer.Parameters parameters = parameters();
    List<String> classes = regression ? List.of() : labels;
    long started = System.nanoTime();
    TrainingEvents.Read read = read(classes);
    read.complaints().forEach(err()::println);
    if (read.badLines() > 0) {
      err().printf("%s lines of %s could not be used%n", read.badLines(), events);
    }
    if (read.examples().isEmpty()) {
      throw new IOException(
          "%s holds no observation that meets its outcome (%s observations and %s outcomes alone)"
              .formatted(events, read.observationsAlone(), read.outcomesAlone()));
    }
    ChampionTraining.Trained trained = ChampionTraining.train(read.examples(), classes, parameters);
    ChampionFile.write(file, trained.bytes());
    double seconds = (System.nanoTime() - started) / 1e9;
    String sha256 = Champion.sha256(trained.bytes());
    return print(
        json(read, trained, seconds, sha256), out -> print(read, trained, seconds, sha256, out));
  }

  private ChampionTrainer.Parameters parameters() {
    require(
        learningRate > 0 && learningRate <= 1000,
        "--learning-rate (%s) must be above 0".formatted(learningRate));
    require(epochs >= 1, "--epochs (%s) must be 1 or more".formatted(epochs));
    require(limit >= 1, "--limit (%s) must be 1 or more".formatted(limit));
    require(
        regression || new HashSet<>(labels).size() >= 2,
        "--labels (%s) must be two or more different labels, or --regression given"
            .formatted(String.join(",", labels)));
    return new ChampionTrainer.Parameters(learningRate, epochs, seed, 1.0);
  }

  private TrainingEvents.Read read(List<String> classes) throws IOException {
    TrainingEvents training = new TrainingEvents(classes, without);
    if (events.equals("-")) {
      return training.read(reader(System.in), "stdin", limit);
    }
    Path lines = Path.of(events);
    if (!Files.isRegularFile(lines)) {
      throw new IOException("there is no file %s".formatted(events));
    }
    try (InputStream in = Files.newInputStream(lines);
        InputStream plain = events.endsWith(".gz") ? new GZIPInputStream(in, 1 << 16) : in) {
      return training.read(reader(plain), events, limit);
    }
  }

  private static BufferedReader reader(InputStream in) {
    return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8), 1 << 16);
  }

  private Map<String, Object> json(
      TrainingEvents.Read read, ChampionTraining.Trained trained, double seconds, String sha256) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("champion", file.toAbsolutePath().toString());
    json.put("examples", read.examples().size());
    json.put("observationsAlone", read.observationsAlone());
    json.put("outcomesAlone", read.outcomesAlone());
    json.put("badLines", read.badLines());
    json.put("features", trained.features());
    json.put("labels", trained.labels());
    json.put("seconds", seconds);
    json.put("bytes", trained.bytes().length);
    json.put("sha256", sha256);
    return json;
  }

  private void print(
      TrainingEvents.Read read,
      ChampionTraining.Trained trained,
      double seconds,
      String sha256,
      PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "Trained on %,d examples, %,d features, %s, in %.1f s.%n",
        read.examples().size(),
        trained.features(),
        regression ? "values" : "labels " + String.join(", ", labels),
        seconds);
    if (read.observationsAlone() + read.outcomesAlone() > 0) {
      out.printf(
          Locale.ROOT,
          "Left out: %,d observations without an outcome, %,d outcomes without an observation.%n",
          read.observationsAlone(),
          read.outcomesAlone());
    }
    out.printf(Locale.ROOT, "Wrote %s, %,d bytes%n", file, trained.bytes().length);
    out.printf("sha256 %s%n", sha256);
  }
}
