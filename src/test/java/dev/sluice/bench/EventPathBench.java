package dev.sluice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.codec.AnswerEncoder;
import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.RawRecord;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.model.Pending;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * The project's own part of an event, from JSON to JSON without Kafka and Flink: an observation is
 * decoded, predicted and its prediction encoded; the outcome of an earlier one is decoded, learned
 * and its evaluation encoded. By JMH, default ladder, 50 keys. {@code main} prints the CPU time of
 * an observation together with an outcome:
 *
 * <pre>
 * mvn -q test-compile exec:java -Dexec.classpathScope=test \
 *     -Dexec.mainClass=dev.sluice.bench.EventPathBench
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EventPathBench {

  private static final List<String> LABELS = List.of("onTime", "late");
  private static final Instant START = Instant.parse("2001-01-01T00:00:00.001Z");
  private static final int EVENTS = 1 << 14;
  private static final int KEYS = 50;
  private static final int DELAY = 1_000;
  private static final int FORKS = 5;

  /** {@code flights}: two numbers and four texts, as the demo's; or 16 numbers. */
  @Param({"flights", "numbers16"})
  public String features = "flights";

  private final List<RawRecord> observations = new ArrayList<>();
  private final List<RawRecord> outcomes = new ArrayList<>();
  private final ModelState[] states = new ModelState[KEYS];
  private final Pending.Predicted[] pending = new Pending.Predicted[DELAY];
  private final EventDecoder decoder = new EventDecoder(LABELS, 64);
  private final AnswerEncoder encoder = new AnswerEncoder(LABELS);
  private final OnlineModel model =
      new OnlineModel(
          new ModelSettings(
              Objective.LOG,
              1,
              Optimiser.ADAGRAD,
              ModelSettings.Rates.defaults(),
              LABELS,
              128,
              ModelSettings.Serving.defaults()),
          null);
  private int at;

  /** Makes records and models that have learned from each of them. */
  @Setup
  public void setUp() {
    Arrays.setAll(states, i -> model.newState());
    Random random = new Random(1);
    for (int i = 0; i < EVENTS; i++) {
      Instant time = START.plusMillis(i * 977L);
      boolean late = random.nextBoolean();
      String each = features.equals("flights") ? flight(random, late) : numbers(random, late);
      observations.add(record(i, "observation", time, "\"features\":{" + each + "}"));
      String label = "\"label\":\"" + LABELS.get(late ? 1 : 0) + "\"";
      outcomes.add(record(i, "outcome", time.plusSeconds(7_200), label));
    }
    for (int i = 0; i < EVENTS; i++) {
      answer();
    }
  }

  /** An observation becomes a prediction, and the outcome of an earlier one an evaluation. */
  @Benchmark
  public Object answer(CpuTime cpu) {
    cpu.events++;
    return answer();
  }

  private OutputRecord answer() {
    int slot = at % DELAY;
    Pending.Predicted due = pending[slot];
    int earlier = Math.floorMod(at - DELAY, EVENTS);
    Observation observation = (Observation) decoder.decode(observations.get(at % EVENTS));
    OnlineModel.Answered answered = model.predict(states[at % EVENTS % KEYS], observation);
    pending[slot] = answered.pending();
    OutputRecord prediction = encoder.encode(answered.answer());
    at = at == EVENTS * DELAY ? 0 : at + 1;
    if (due == null) {
      return prediction;
    }
    Outcome outcome = (Outcome) decoder.decode(outcomes.get(earlier));
    return encoder.encode(model.evaluate(states[earlier % KEYS], due, outcome, true));
  }

  private static RawRecord record(int number, String type, Instant time, String rest) {
    String key = "K" + number % KEYS;
    String json =
        "{\"type\":\"%s\",\"id\":\"event-%07d\",\"key\":\"%s\",\"time\":\"%s\",%s}"
            .formatted(type, number, key, time, rest);
    return new RawRecord(
        new Origin("events", number % 4, number),
        time.toEpochMilli(),
        key.getBytes(UTF_8),
        json.getBytes(UTF_8));
  }

  private static String flight(Random random, boolean late) {
    return "\"distance\":%d,\"hour\":\"%02d\",\"dow\":\"%d\",\"destination\":\"D%02d\",\"carrier\":\"C%d\",\"rate\":%s"
        .formatted(
            100 + random.nextInt(2500),
            (late ? 12 : 0) + random.nextInt(12),
            random.nextInt(7),
            random.nextInt(60),
            random.nextInt(12),
            random.nextDouble());
  }

  private static String numbers(Random random, boolean late) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 16; i++) {
      double number = (random.nextGaussian() + (late ? 0.3 : 0)) * Math.pow(10, i % 8 - 3);
      all.append(String.format(Locale.ROOT, "%s\"n%02d\":%.6f", i == 0 ? "" : ",", i, number));
    }
    return all.toString();
  }

  /** Prints both. */
  public static void main(String[] args) throws RunnerException {
    for (String features : List.of("flights", "numbers16")) {
      double[] nanos = new double[FORKS];
      for (int i = 0; i < FORKS; i++) {
        nanos[i] =
            CpuTime.nanosAnEvent(
                new Runner(
                        new OptionsBuilder()
                            .parent(CpuTime.ONE_FORK)
                            .include(EventPathBench.class.getName())
                            .param("features", features)
                            .build())
                    .runSingle());
      }
      Arrays.sort(nanos);
      System.out.printf(
          Locale.ROOT,
          "%s: %.0f ns of CPU an observation and an outcome (%.0f to %.0f, %d forks)%n",
          features,
          nanos[FORKS / 2],
          nanos[0],
          nanos[FORKS - 1],
          FORKS);
    }
  }
}
