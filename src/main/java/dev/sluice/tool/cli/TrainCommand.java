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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.zip.GZIPInputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains a champion offline. */
@Command(
    name = "train",
    header = "Trains a linear champion from a file of events and writes it as a Tribuo model.",
    mixinStandardHelpOptions = true,
    exitCodeList = {"0:written", "1:nothing written", "2:wrong usage"},
    footer = {
      "",
      "Example:",
      "  sluice train events.jsonl.gz --output champion.tribuo --labels ontime,late"
    })
final class TrainCommand implements Callable<Integer> {

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin OutputForm form = new OutputForm();

  @Parameters(
      paramLabel = "EVENTS",
      description = "Observations and outcomes, JSON lines; .gz allowed; - is stdin.")
  String events = "";

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "Where the champion is written, atomically.")
  Path output = Path.of("");

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
    PrintWriter err = spec.commandLine().getErr();
    read.complaints().forEach(err::println);
    if (read.badLines() > 0) {
      err.printf("%s lines of %s could not be used%n", read.badLines(), events);
    }
    if (read.examples().isEmpty()) {
      throw new IOException(
          "%s holds no observation that meets its outcome (%s observations and %s outcomes alone)"
              .formatted(events, read.observationsAlone(), read.outcomesAlone()));
    }
    ChampionTraining.Trained trained = ChampionTraining.train(read.examples(), classes, parameters);
    ChampionFile.write(output, trained.bytes());
    print(read, trained, (System.nanoTime() - started) / 1e9);
    return 0;
  }

  private ChampionTrainer.Parameters parameters() {
    require(learningRate > 0 && learningRate <= 1000, "--learning-rate", learningRate, "above 0");
    require(epochs >= 1, "--epochs", epochs, "1 or more");
    require(limit >= 1, "--limit", limit, "1 or more");
    require(
        regression || Set.copyOf(List.copyOf(labels)).size() >= 2,
        "--labels",
        String.join(",", labels),
        "two or more different labels, or --regression given");
    return new ChampionTrainer.Parameters(learningRate, epochs, seed, 1.0);
  }

  private void require(boolean holds, String flag, Object value, String must) {
    if (!holds) {
      throw new ParameterException(
          spec.commandLine(), "%s (%s) must be %s".formatted(flag, value, must));
    }
  }

  private TrainingEvents.Read read(List<String> classes) throws IOException {
    TrainingEvents training = new TrainingEvents(classes, without);
    if (events.equals("-")) {
      return training.read(reader(System.in), "stdin", limit);
    }
    Path file = Path.of(events);
    if (!Files.isRegularFile(file)) {
      throw new IOException("there is no file %s".formatted(events));
    }
    try (InputStream in = Files.newInputStream(file);
        InputStream plain = events.endsWith(".gz") ? new GZIPInputStream(in, 1 << 16) : in) {
      return training.read(reader(plain), events, limit);
    }
  }

  private static BufferedReader reader(InputStream in) {
    return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8), 1 << 16);
  }

  private void print(TrainingEvents.Read read, ChampionTraining.Trained trained, double seconds)
      throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    String sha256 = Champion.sha256(trained.bytes());
    if (form.isJson()) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("champion", output.toAbsolutePath().toString());
      json.put("examples", read.examples().size());
      json.put("observationsAlone", read.observationsAlone());
      json.put("outcomesAlone", read.outcomesAlone());
      json.put("badLines", read.badLines());
      json.put("features", trained.features());
      json.put("labels", trained.labels());
      json.put("seconds", seconds);
      json.put("bytes", trained.bytes().length);
      json.put("sha256", sha256);
      form.print(out, json);
      return;
    }
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
    out.printf(Locale.ROOT, "Wrote %s, %,d bytes%n", output, trained.bytes().length);
    out.printf("sha256 %s%n", sha256);
    out.flush();
  }
}
