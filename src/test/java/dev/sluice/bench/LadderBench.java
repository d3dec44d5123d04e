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
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * What the default ladder of learning rates costs against one challenger: CPU time to predict an
 * observation and learn its outcome, in pairs, alternating, with the median of their ratios. Six
 * numbers and three texts an observation, two labels, 50 keys. Runs with the tests' class path:
 *
 * <pre>
 * java -XX:+UseSerialGC -cp … dev.sluice.bench.LadderBench
 * </pre>
 */
final class LadderBench {

  private static final List<String> LABELS = List.of("no", "yes");
  private static final RawRecord RAW = new RawRecord(new Origin("events", 0, 0), 0, null, null);
  private static final int EVENTS = 200_000;
  private static final int KEYS = 50;
  private static final int WARM_UP = 3;
  private static final int PAIRS = 15;

  private LadderBench() {}

  public static void main(String[] args) {
    List<Features> features = features();
    ModelSettings ladder =
        new ModelSettings(
            Objective.LOG,
            1,
            Optimiser.ADAGRAD,
            ModelSettings.Rates.defaults(),
            LABELS,
            128,
            ModelSettings.Serving.defaults());
    ModelSettings single = ladder.withRates(List.of(0.05));
    double[] ratios = new double[PAIRS];
    double[] ones = new double[PAIRS];
    for (int i = -WARM_UP; i < PAIRS; i++) {
      double one = nanosAnEvent(single, features);
      double all = nanosAnEvent(ladder, features);
      if (i >= 0) {
        ones[i] = one;
        ratios[i] = all / one;
      }
    }
    Arrays.sort(ratios);
    Arrays.sort(ones);
    System.out.printf(
        Locale.ROOT,
        "One challenger %.0f ns of CPU an observation and its outcome; %s challengers %.2f times that (%.2f to %.2f, %s pairs)%n",
        ones[PAIRS / 2],
        ladder.rates().learningRates().size(),
        ratios[PAIRS / 2],
        ratios[0],
        ratios[PAIRS - 1],
        PAIRS);
  }

  private static double nanosAnEvent(ModelSettings settings, List<Features> features) {
    OnlineModel model = new OnlineModel(settings, null);
    ModelState[] states = new ModelState[KEYS];
    Arrays.setAll(states, i -> model.newState());
    long start = cpuNanos();
    for (int i = 0; i < features.size(); i++) {
      ModelState state = states[i % KEYS];
      Observation observation = new Observation(RAW, "i", "k", 0, features.get(i));
      Pending.Predicted pending = model.predict(state, observation).pending();
      boolean yes = features.get(i).numbers()[0] > 0;
      Outcome outcome = new Outcome(RAW, "i", "k", 0, new Target.Label(LABELS.get(yes ? 1 : 0)));
      model.evaluate(state, pending, outcome, true);
    }
    return (cpuNanos() - start) / (double) features.size();
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static List<Features> features() {
    Random random = new Random(1);
    String[] names = {"f0", "f1", "f2", "f3", "f4", "f5", "t0", "t1", "t2"};
    List<Features> all = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      double[] numbers = new double[names.length];
      String[] texts = new String[names.length];
      for (int f = 0; f < names.length; f++) {
        if (f < 6) {
          numbers[f] = random.nextGaussian() * Math.pow(10, f - 2);
        } else {
          texts[f] = "v" + random.nextInt(24);
        }
      }
      all.add(new Features(names, texts, numbers));
    }
    return all;
  }
}
