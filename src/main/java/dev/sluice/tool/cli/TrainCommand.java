package dev.sluice.tool.cli;

import dev.sluice.model.ChampionTrainer;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.tool.events.TextFile;
import dev.sluice.tool.training.ChampionFile;
import dev.sluice.tool.training.ChampionTraining;
import dev.sluice.tool.training.HeldOut;
import dev.sluice.tool.training.TrainingEvents;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a champion offline. */
@Command(
    name = "train",
    header = "Trains a linear champion from a file of events and writes it as a Tribuo model.",
    description = {
      "Numbers and targets may have any scale. The last part of the examples is held out: a champion that is worse "
          + "there than a constant is refused. Then the file is trained on all of them."
    },
    exitCodeList = {"0:written", "1:nothing written, for example since a constant is better"},
    footer = {
      "  sluice train events.jsonl.gz --output champion.tribuo --labels ontime,late",
      "  sluice train events.jsonl --output champion.tribuo --objective absolute"
    })
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

  @Option(names = "--regression", description = "The outcomes carry values: --objective squared.")
  boolean regression;

  @Option(
      names = "--objective",
      paramLabel = "NAME",
      description = "As the job's: log or hinge; squared, absolute or huber (default: log).")
  @Nullable String objective;

  @Option(
      names = "--huber-delta",
      defaultValue = "1",
      paramLabel = "ERROR",
      description = "Beyond it a Huber loss is linear (default: ${DEFAULT-VALUE}).")
  double huberDelta;

  @Option(
      names = "--hold-out",
      defaultValue = "0.2",
      paramLabel = "PART",
      description = "Judge by this last part; 0: not at all (default: ${DEFAULT-VALUE}).")
  double holdOut;

  @Option(names = "--accept-worse", description = "Write a champion that a constant beats.")
  boolean acceptWorse;

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
    ChampionTraining.Goal goal = goal();
    ChampionTrainer.Parameters parameters = parameters();
    refuseInput();
    long started = System.nanoTime();
    TrainingEvents.Read read = read(goal.labels());
    read.complaints().forEach(err()::println);
    if (read.badLines() > 0) {
      err().printf("%s lines of %s could not be used%n", read.badLines(), events);
    }
    if (read.joined().isEmpty()) {
      throw new IOException(
          "%s holds no observation that meets its outcome (%s observations and %s outcomes alone)"
              .formatted(events, read.observationsAlone(), read.outcomesAlone()));
    }
    ChampionTraining.Trained trained =
        ChampionTraining.train(read.joined(), goal, parameters, holdOut);
    refuseWorse(trained.heldOut());
    ChampionFile.write(file, trained.bytes());
    TrainReport report =
        new TrainReport(file, goal, read, trained, (System.nanoTime() - started) / 1e9);
    return print(report.json(), report::print);
  }

  private void refuseInput() throws IOException {
    Path lines = Path.of(events);
    require(
        events.equals("-")
            || !Files.exists(lines)
            || !Files.exists(file)
            || !Files.isSameFile(lines, file),
        "--output (%s) is the file of events itself (%s), which the champion would replace"
            .formatted(file, events));
  }

  private void refuseWorse(@Nullable HeldOut heldOut) throws IOException {
    if (heldOut == null || !heldOut.isWorse()) {
      return;
    }
    String figures = TrainReport.figures(heldOut);
    if (!acceptWorse) {
      throw new IOException(
          ("on the last %s examples a constant is better than the champion (%s), so %s was not written: the features "
                  + "say nothing of these outcomes, or what they say has changed; --accept-worse writes it "
                  + "nevertheless")
              .formatted(heldOut.examples(), figures, file));
    }
    err()
        .printf(
            "on the last %s examples a constant is better than the champion (%s); it is written as --accept-worse says%n",
            heldOut.examples(), figures);
  }

  private ChampionTraining.Goal goal() {
    Objective chosen = regression ? Objective.SQUARED : Objective.LOG;
    if (objective != null) {
      try {
        chosen = Objective.ofCode(objective);
      } catch (IllegalArgumentException e) {
        throw misused("--objective: " + e.getMessage());
      }
    }
    require(
        !regression || !chosen.isClassification(),
        "--objective (%s) learns labels, but --regression is given".formatted(chosen.code()));
    require(
        huberDelta > 0 && huberDelta <= 1e9,
        "--huber-delta (%s) must be in (0, 1e9]".formatted(huberDelta));
    require(
        !chosen.isClassification() || new HashSet<>(labels).size() >= 2,
        "--labels (%s) must be two or more different labels, or --regression given"
            .formatted(String.join(",", labels)));
    return new ChampionTraining.Goal(
        chosen, huberDelta, chosen.isClassification() ? labels : List.of());
  }

  private ChampionTrainer.Parameters parameters() {
    require(
        learningRate > 0 && learningRate <= 1000,
        "--learning-rate (%s) must be above 0 and at most 1000".formatted(learningRate));
    require(epochs >= 1, "--epochs (%s) must be 1 or more".formatted(epochs));
    require(limit >= 1, "--limit (%s) must be 1 or more".formatted(limit));
    require(holdOut >= 0 && holdOut < 1, "--hold-out (%s) must be in [0, 1)".formatted(holdOut));
    return new ChampionTrainer.Parameters(learningRate, epochs, seed, 1.0);
  }

  private TrainingEvents.Read read(List<String> classes) throws IOException {
    TrainingEvents training = new TrainingEvents(classes, without);
    if (events.equals("-")) {
      return training.read(TextFile.of(System.in, "stdin"), "stdin", limit);
    }
    Path input = Path.of(events);
    if (!Files.exists(input)) {
      throw new IOException("there is no file %s".formatted(events));
    }
    try (BufferedReader lines = TextFile.open(input)) {
      return training.read(lines, events, limit);
    }
  }
}
