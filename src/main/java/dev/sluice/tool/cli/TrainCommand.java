package dev.sluice.tool.cli;

import dev.sluice.model.ChampionException;
import dev.sluice.model.ChampionTrainer;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.settings.JobSettings;
import dev.sluice.tool.events.TextFile;
import dev.sluice.tool.training.AnsweredExamples;
import dev.sluice.tool.training.ChampionFile;
import dev.sluice.tool.training.ChampionTraining;
import dev.sluice.tool.training.HeldOut;
import dev.sluice.tool.training.TrainingEvents;
import dev.sluice.tool.training.Unreadable;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a champion offline. */
@Command(
    name = "train",
    header = "Trains a linear champion from events and writes it as a Tribuo model.",
    description = {
      "Numbers and targets may have any scale. The last part of the examples is held out: a champion that is worse "
          + "there than a constant is refused. Then the file is trained on all of them.",
      "With --from-topics the examples are what the job has evaluated, and labels and objective those of its "
          + "settings (--settings, --sluice.KEY VALUE)."
    },
    exitCodeList = {
      "0:written",
      "1:nothing written, for example since a constant is better",
      "10:the brokers do not answer: try again"
    },
    footer = {
      "  sluice train events.jsonl.gz --output champion.tribuo --labels ontime,late",
      "  sluice train --from-topics --since 7d --output champion.tribuo --settings sluice.yaml"
    })
final class TrainCommand extends ClusterVerb {

  /** Of topics, which have no end: about a gigabyte. */
  private static final int MOST_OF_TOPICS = 500_000;

  @Parameters(
      paramLabel = "EVENTS",
      arity = "0..1",
      description = "Observations and outcomes, JSON lines; .gz allowed; - is stdin.")
  @Nullable String events;

  @Option(
      names = "--from-topics",
      description = "Train on what the job has evaluated, in place of a file.")
  boolean fromTopics;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = Since.Converter.class,
      description = "Of topics: evaluated from then on: 7d (ago), ISO-8601 or epoch milliseconds.")
  @Nullable Since from;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "Where the champion is written, atomically.")
  Path file = Path.of("");

  @Option(
      names = "--labels",
      split = ",",
      paramLabel = "LABEL",
      description = "The job's labels (default: ontime,late).")
  @Nullable List<String> labels;

  @Option(names = "--regression", description = "The outcomes carry values: --objective squared.")
  boolean regression;

  @Option(
      names = "--objective",
      paramLabel = "NAME",
      description = "As the job's: log or hinge; squared, absolute or huber (default: log).")
  @Nullable String objective;

  @Option(
      names = "--huber-delta",
      paramLabel = "ERROR",
      description = "Beyond it a Huber loss is linear (default: 1).")
  @Nullable Double huberDelta;

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
      names = "--like",
      paramLabel = "CHAMPION",
      description = "With the columns of this one, in whose place a running job then takes it.")
  @Nullable Path like;

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
      paramLabel = "N",
      description =
          "Of a file the first N observations (default: all); of topics the newest N (default: 500000).")
  @Nullable Integer limit;

  @Override
  public Integer call() throws IOException, InterruptedException {
    checkSource();
    ChampionTrainer.Parameters parameters = parameters();
    return fromTopics ? topics(parameters) : file(String.valueOf(events), parameters);
  }

  private void checkSource() {
    require(
        fromTopics == (events == null),
        fromTopics
            ? "EVENTS (%s) and --from-topics exclude each other".formatted(events)
            : "name a file of EVENTS, or --from-topics for what the job has evaluated");
    require(fromTopics || from == null, "--since goes with --from-topics");
    require(
        !fromTopics || (labels == null && objective == null && huberDelta == null && !regression),
        "with --from-topics, labels and objective are those of the job's settings: give --settings FILE or"
            + " --sluice.KEY VALUE in place of --labels, --objective, --huber-delta and --regression");
  }

  private int file(String input, ChampionTrainer.Parameters parameters) throws IOException {
    ChampionTraining.Goal goal = withColumns(goal());
    refuseInput(input);
    long started = System.nanoTime();
    TrainingEvents.Read read = read(input, goal.labels());
    read.complaints().forEach(err()::println);
    if (read.badLines() > 0) {
      err().printf("%s lines of %s could not be used%n", read.badLines(), input);
    }
    if (read.joined().isEmpty()) {
      throw new IOException(
          "%s holds no observation that meets its outcome (%s observations and %s outcomes alone)"
              .formatted(input, read.observationsAlone(), read.outcomesAlone()));
    }
    return train(read.joined(), TrainReport.LeftOut.of(read), goal, parameters, started);
  }

  private int topics(ChampionTrainer.Parameters parameters)
      throws IOException, InterruptedException {
    long started = System.nanoTime();
    JobSettings job = connection.job.settings();
    ChampionTraining.Goal goal =
        withColumns(
            new ChampionTraining.Goal(
                job.model().objective(), job.model().huberDelta(), job.model().labels()));
    TopicTraining topics =
        new TopicTraining(job, connection.client(job.kafka().clientProperties()));
    AnsweredExamples.Read read =
        topics.read(
            connection.services(),
            new TopicTraining.Wanted(
                from == null ? Instant.EPOCH : from.at(connection.services().time().clock()),
                limit == null ? MOST_OF_TOPICS : limit,
                without),
            reading());
    Unreadable unreadable = read.leftOut().unreadable();
    if (unreadable.count() > 0) {
      err()
          .printf(
              Locale.ROOT,
              "%,d records are no answer of the job, as another program's, and were left out; the first is %s%n",
              unreadable.count(),
              unreadable.first());
    }
    TrainReport.LeftOut leftOut = TrainReport.LeftOut.of(read.leftOut());
    if (read.joined().isEmpty()) {
      throw new IOException(topics.nothing(from != null, leftOut.text()));
    }
    return train(read.joined(), leftOut, goal, parameters, started);
  }

  private int train(
      List<TrainingEvents.Joined> joined,
      TrainReport.LeftOut leftOut,
      ChampionTraining.Goal goal,
      ChampionTrainer.Parameters parameters,
      long started)
      throws IOException {
    ChampionTraining.Trained trained = ChampionTraining.train(joined, goal, parameters, holdOut);
    refuseWorse(trained.heldOut());
    ChampionFile.write(file, trained.bytes());
    TrainReport report =
        new TrainReport(
            file, goal, joined.size(), leftOut, trained, (System.nanoTime() - started) / 1e9);
    return print(report.json(), report::print);
  }

  private ChampionTraining.Goal withColumns(ChampionTraining.Goal goal) throws IOException {
    if (like == null) {
      return goal;
    }
    if (!Files.exists(like)) {
      throw new IOException("--like: there is no file %s".formatted(like));
    }
    try {
      return goal.like(Files.readAllBytes(like));
    } catch (ChampionException | IllegalArgumentException e) {
      throw new IOException("--like: %s: %s".formatted(like, e.getMessage()), e);
    }
  }

  private void refuseInput(String input) throws IOException {
    Path lines = Path.of(input);
    require(
        input.equals("-")
            || !Files.exists(lines)
            || !Files.exists(file)
            || !Files.isSameFile(lines, file),
        "--output (%s) is the file of events itself (%s), which the champion would replace"
            .formatted(file, input));
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
            "on the last %s examples a constant is better than the champion (%s); it is written as"
                + " --accept-worse says%n",
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
    double delta = huberDelta == null ? 1 : huberDelta;
    require(delta > 0 && delta <= 1e9, "--huber-delta (%s) must be in (0, 1e9]".formatted(delta));
    List<String> names = labels == null ? List.of("ontime", "late") : labels;
    require(
        !chosen.isClassification() || new HashSet<>(names).size() >= 2,
        "--labels (%s) must be two or more different labels, or --regression given"
            .formatted(String.join(",", names)));
    return new ChampionTraining.Goal(chosen, delta, chosen.isClassification() ? names : List.of());
  }

  private ChampionTrainer.Parameters parameters() {
    require(
        learningRate > 0 && learningRate <= 1000,
        "--learning-rate (%s) must be above 0 and at most 1000".formatted(learningRate));
    require(epochs >= 1, "--epochs (%s) must be 1 or more".formatted(epochs));
    require(limit == null || limit >= 1, "--limit (%s) must be 1 or more".formatted(limit));
    require(holdOut >= 0 && holdOut < 1, "--hold-out (%s) must be in [0, 1)".formatted(holdOut));
    return new ChampionTrainer.Parameters(learningRate, epochs, seed, 1.0);
  }

  private TrainingEvents.Read read(String named, List<String> classes) throws IOException {
    TrainingEvents training = new TrainingEvents(classes, without);
    int most = limit == null ? Integer.MAX_VALUE : limit;
    if (named.equals("-")) {
      return training.read(TextFile.of(System.in, "stdin"), "stdin", most);
    }
    Path input = Path.of(named);
    if (!Files.exists(input)) {
      throw new IOException("there is no file %s".formatted(named));
    }
    try (BufferedReader lines = TextFile.open(input)) {
      return training.read(lines, named, most);
    }
  }
}
