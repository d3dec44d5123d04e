package dev.sluice.tool.demo;

import dev.sluice.codec.AnswerEncoder;
import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Answer.Evaluation;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.model.Champion;
import dev.sluice.model.ChampionTrainer;
import dev.sluice.model.ChampionTrainer.Example;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.model.ModelSettings.ServingPolicy;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.model.Pending;
import dev.sluice.tool.scoring.EvaluationReader;
import dev.sluice.tool.scoring.Scoreboard;
import dev.sluice.tool.training.ChampionTraining;
import dev.sluice.tool.training.TrainingEvents;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the job does to the flights, in memory: a champion from the first rows, then prediction at
 * departure and learning at landing, one challenger an airport. Run as a program it prints the
 * scores; its arguments are the data, the champion's rate and epochs, the challenger's rate, the
 * hysteresis, the fading factor and the row behind the last.
 */
final class DelayedLearning {

  static final List<String> LABELS = List.of("ontime", "late");

  private DelayedLearning() {}

  public static void main(String[] args) throws IOException {
    Path data = Path.of(args[0]);
    ChampionTrainer.Parameters training =
        new ChampionTrainer.Parameters(
            Double.parseDouble(args[1]), Integer.parseInt(args[2]), 1, 1.0);
    ModelSettings settings =
        settings(
            Double.parseDouble(args[3]), Double.parseDouble(args[4]), Double.parseDouble(args[5]));
    byte[] champion = champion(data, 100_000, training);
    System.out.println(
        run(data, champion, settings, 100_000, Integer.parseInt(args[6])).toString());
  }

  static ModelSettings settings(double learningRate, double hysteresis, double fadingFactor) {
    return new ModelSettings(
        Objective.LOG,
        1,
        Optimiser.ADAGRAD,
        new ModelSettings.Rates(List.of(learningRate), 0.9, 0.95, 1e-6, 1.0),
        LABELS,
        128,
        new ModelSettings.Serving(ServingPolicy.BEST, hysteresis, fadingFactor, 20, List.of(0.01)));
  }

  static byte[] champion(Path data, int rows, ChampionTrainer.Parameters parameters)
      throws IOException {
    StringBuilder lines = new StringBuilder();
    try (Flights flights = Flights.open(data)) {
      new FlightEvents(flights, 0, rows)
          .forEachRemaining(
              event -> lines.append(new String(event.json(), StandardCharsets.UTF_8)).append('\n'));
    }
    List<Example> examples =
        new TrainingEvents(LABELS, Set.of("destination"))
            .read(new BufferedReader(new StringReader(lines.toString())), "flights", rows)
            .examples();
    return ChampionTraining.train(examples, LABELS, parameters).bytes();
  }

  static Scoreboard.Result run(
      Path data, byte[] champion, ModelSettings settings, int fromRow, int toRow)
      throws IOException {
    EventDecoder decoder = new EventDecoder(LABELS, 100);
    AnswerEncoder encoder = new AnswerEncoder(LABELS);
    OnlineModel model = new OnlineModel(settings, Champion.read(champion, 1, settings));
    Map<String, ModelState> states = new HashMap<>();
    Map<String, Pending.Predicted> pending = new HashMap<>();
    EvaluationReader reader = new EvaluationReader();
    Scoreboard scoreboard = new Scoreboard();
    try (Flights flights = Flights.open(data)) {
      FlightEvents events = new FlightEvents(flights, fromRow, toRow);
      long offset = 0;
      while (events.hasNext()) {
        FlightEvent flown = events.next();
        Event event =
            decoder.decode(
                new RawRecord(
                    new Origin("events", 0, offset++), 0, flown.keyBytes(), flown.json()));
        ModelState state = states.computeIfAbsent(flown.key(), key -> model.newState());
        if (event instanceof Observation observation) {
          pending.put(observation.id(), model.predict(state, observation).pending());
        } else {
          Outcome outcome = (Outcome) event;
          Pending.Predicted predicted = pending.remove(outcome.id());
          if (predicted == null) {
            throw new IllegalStateException("no observation of " + outcome.id());
          }
          Evaluation evaluation = model.evaluate(state, predicted, outcome, true);
          byte[] json = encoder.encode(evaluation).value();
          if (json != null) {
            scoreboard.add(reader.read(json));
          }
        }
      }
    }
    return scoreboard.result().orElseThrow();
  }
}
