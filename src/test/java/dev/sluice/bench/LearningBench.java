package dev.sluice.bench;

import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Target;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.model.Pending;
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
 * What it costs to predict an observation and to learn its outcome, with one challenger and with
 * the default ladder, by JMH. 50 keys, two labels, no champion; an outcome comes 1,000 observations
 * after its own. {@code main} runs both in pairs, one JVM each, and prints the median of their
 * ratios, in CPU time, which other programs on the machine change less than they change time:
 *
 * <pre>
 * mvn -q test-compile exec:java -Dexec.classpathScope=test \
 *     -Dexec.mainClass=dev.sluice.bench.LearningBench
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LearningBench {

  private static final List<String> LABELS = List.of("no", "yes");
  private static final RawRecord RAW = new RawRecord(new Origin("events", 0, 0), 0, null, null);
  private static final int EVENTS = 1 << 16;
  private static final int KEYS = 50;
  private static final int DELAY = 1_000;
  private static final int PAIRS = 7;

  /** {@code flights}: two numbers and four texts, as the demo's; or 16 numbers. */
  @Param({"flights", "numbers16"})
  public String features = "flights";

  /** 1, or all of the defaults. */
  @Param({"1", "4"})
  public int challengers = 1;

  private final List<Observation> observations = new ArrayList<>();
  private final List<Outcome> outcomes = new ArrayList<>();
  private final ModelState[] states = new ModelState[KEYS];
  private final Pending.Predicted[] pending = new Pending.Predicted[DELAY];
  private OnlineModel model = new OnlineModel(settings(), null);
  private int at;

  /** Makes events and models that have learned from each of them. */
  @Setup
  public void setUp() {
    model = new OnlineModel(settings(), null);
    Arrays.setAll(states, i -> model.newState());
    Random random = new Random(1);
    for (int i = 0; i < EVENTS; i++) {
      Features each = features.equals("flights") ? flight(random) : numbers(random);
      observations.add(new Observation(RAW, "i", "k", 0, each));
      boolean yes = each.numbers()[0] + random.nextGaussian() > 0;
      outcomes.add(new Outcome(RAW, "i", "k", 0, new Target.Label(LABELS.get(yes ? 1 : 0))));
    }
    for (int i = 0; i < EVENTS; i++) {
      predictAndLearn();
    }
  }

  /** One observation is predicted, and the outcome of an earlier one is learned. */
  @Benchmark
  public Object predictAndLearn(CpuTime cpu) {
    cpu.events++;
    return predictAndLearn();
  }

  private Object predictAndLearn() {
    int event = at & (EVENTS - 1);
    int slot = at % DELAY;
    Pending.Predicted due = pending[slot];
    int earlier = (at - DELAY) & (EVENTS - 1);
    pending[slot] = model.predict(states[event % KEYS], observations.get(event)).pending();
    at = at == Integer.MAX_VALUE / EVENTS * EVENTS ? 0 : at + 1;
    return due == null
        ? pending
        : model.evaluate(states[earlier % KEYS], due, outcomes.get(earlier), true);
  }

  private ModelSettings settings() {
    ModelSettings ladder =
        new ModelSettings(
            Objective.LOG,
            1,
            Optimiser.ADAGRAD,
            ModelSettings.Rates.defaults(),
            LABELS,
            128,
            ModelSettings.Serving.defaults());
    return challengers == 1 ? ladder.withRates(List.of(0.05)) : ladder;
  }

  private static Features flight(Random random) {
    String[] names = {"distance", "elapsed", "carrier", "destination", "dow", "hour"};
    double[] numbers = new double[names.length];
    String[] texts = new String[names.length];
    numbers[0] = random.nextGaussian() * 500;
    numbers[1] = 30 + random.nextInt(300);
    texts[2] = "C" + random.nextInt(12);
    texts[3] = "D" + random.nextInt(60);
    texts[4] = Integer.toString(random.nextInt(7));
    texts[5] = Integer.toString(random.nextInt(24));
    return new Features(names, texts, numbers);
  }

  private static Features numbers(Random random) {
    int count = 16;
    String[] names = new String[count];
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      names[i] = String.format(Locale.ROOT, "n%02d", i);
      numbers[i] = random.nextGaussian() * Math.pow(10, i % 8 - 3);
    }
    return new Features(names, new String[count], numbers);
  }

  /** Runs the pairs. */
  public static void main(String[] args) throws RunnerException {
    for (String features : List.of("flights", "numbers16")) {
      double[] ratios = new double[PAIRS];
      double[] ones = new double[PAIRS];
      for (int i = 0; i < PAIRS; i++) {
        ones[i] = cpuNanos(features, "1");
        ratios[i] = cpuNanos(features, "4") / ones[i];
      }
      Arrays.sort(ratios);
      Arrays.sort(ones);
      System.out.printf(
          Locale.ROOT,
          "%s: one challenger %.0f ns of CPU; the default ladder %.2f times that (%.2f to %.2f, %d pairs)%n",
          features,
          ones[PAIRS / 2],
          ratios[PAIRS / 2],
          ratios[0],
          ratios[PAIRS - 1],
          PAIRS);
    }
  }

  private static double cpuNanos(String features, String challengers) throws RunnerException {
    return CpuTime.nanosAnEvent(
        new Runner(
                new OptionsBuilder()
                    .parent(CpuTime.ONE_FORK)
                    .include(LearningBench.class.getName())
                    .param("features", features)
                    .param("challengers", challengers)
                    .build())
            .runSingle());
  }
}
