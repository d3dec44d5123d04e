package dev.sluice.tool.training;

import dev.sluice.event.Target;
import dev.sluice.model.Champion;
import dev.sluice.model.ChampionErrors;
import dev.sluice.model.ChampionTrainer;
import dev.sluice.model.ChampionTrainer.Example;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.tool.training.TrainingEvents.Joined;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.tribuo.Model;

/** Trains a champion from examples, a linear model, and judges it on the last of them. */
public final class ChampionTraining {

  /** The hashed columns of the job play no part in a champion; any width will do. */
  private static final int WIDTH = 1;

  /** Fewer held-out examples judge nothing. */
  private static final int FEWEST = 10;

  private ChampionTraining() {}

  /**
   * What a champion minimises.
   *
   * @param objective one of the job's
   * @param huberDelta the error beyond which a Huber loss is linear; others ignore it
   * @param labels none for an objective that learns values
   * @param columns those that the champion shall have; empty for those of the examples
   */
  public record Goal(
      Objective objective, double huberDelta, List<String> labels, Set<String> columns) {

    /** With the columns of the examples. */
    public Goal(Objective objective, double huberDelta, List<String> labels) {
      this(objective, huberDelta, labels, Set.of());
    }

    /**
     * With the columns of a champion, in whose place a running job shall take the new one.
     *
     * @throws IllegalArgumentException if it is none of this goal, or not linear
     */
    public Goal like(byte[] champion) {
      Set<String> domain = Set.copyOf(Champion.read(champion, 1, settings()).domain());
      if (domain.isEmpty()) {
        throw new IllegalArgumentException("it is no linear model, so it has no columns");
      }
      return new Goal(objective, huberDelta, labels, domain);
    }

    /** Log loss of labels, or squared errors where there are none. */
    public static Goal of(List<String> labels) {
      return new Goal(labels.isEmpty() ? Objective.SQUARED : Objective.LOG, 1, labels);
    }

    ModelSettings settings() {
      return new ModelSettings(
          objective,
          huberDelta,
          Optimiser.ADAGRAD,
          ModelSettings.Rates.defaults(),
          labels,
          WIDTH,
          ModelSettings.Serving.defaults());
    }
  }

  /**
   * A trained champion.
   *
   * @param bytes its protobuf file
   * @param features how many columns it has: one a number that varies, one a distinct text
   * @param labels its labels, sorted; empty in regression
   * @param heldOut how it does on examples that it has not seen; null if none were held out
   */
  public record Trained(
      byte[] bytes, int features, Set<String> labels, @Nullable HeldOut heldOut) {}

  /**
   * Trains on all examples by {@link Goal#of} and judges nothing.
   *
   * @param labels none for regression
   * @throws IllegalArgumentException if the examples do not have every label
   */
  public static Trained train(
      List<Example> examples, List<String> labels, ChampionTrainer.Parameters parameters) {
    return train(examples, Goal.of(labels), parameters);
  }

  /**
   * Trains on the first part of the examples, in the order of their observations, as far as their
   * outcomes came before the rest begins, judges that champion on the rest, and then trains the one
   * that is returned on all of them.
   *
   * @param holdOut which part is held out, in [0, 1); 0 judges nothing
   * @throws IllegalArgumentException if the examples, or those that are not held out, do not have
   *     every label, or there are too few
   */
  public static Trained train(
      List<Joined> joined, Goal goal, ChampionTrainer.Parameters parameters, double holdOut) {
    Trained whole = train(joined.stream().map(Joined::example).toList(), goal, parameters);
    if (holdOut == 0) {
      return whole;
    }
    return new Trained(
        whole.bytes(),
        whole.features(),
        whole.labels(),
        judged(joined, goal, parameters, holdOut, whole));
  }

  private static HeldOut judged(
      List<Joined> joined,
      Goal goal,
      ChampionTrainer.Parameters parameters,
      double holdOut,
      Trained whole) {
    List<Joined> inOrder =
        joined.stream().sorted(Comparator.comparingLong(Joined::observedMs)).toList();
    int first = inOrder.size() - (int) Math.round(inOrder.size() * holdOut);
    List<Joined> last = inOrder.subList(first, inOrder.size());
    long cutMs = last.isEmpty() ? Long.MAX_VALUE : last.get(0).observedMs();
    List<Example> learned =
        inOrder.subList(0, first).stream()
            .filter(one -> one.knownMs() < cutMs)
            .map(Joined::example)
            .toList();
    int later = first - learned.size();
    if (last.size() < FEWEST || learned.size() < FEWEST) {
      throw new IllegalArgumentException(
          ("(%s) examples are too few to train on (%s) and judge by the last (%s)%s: %s of each are needed; give more, "
                  + "or --hold-out 0 to write a champion that nothing has judged")
              .formatted(
                  inOrder.size(),
                  learned.size(),
                  last.size(),
                  later == 0
                      ? ""
                      : ", as the outcomes of (%s) others came too late to be known at the cut"
                          .formatted(later),
                  FEWEST));
    }
    List<Example> unseen = last.stream().map(Joined::example).toList();
    requireLabels(learned, goal.labels());
    ModelSettings settings = goal.settings();
    return new HeldOut(
        unseen.size(),
        later,
        Instant.ofEpochMilli(cutMs),
        Instant.ofEpochMilli(last.get(last.size() - 1).observedMs()),
        ChampionErrors.of(champion(train(learned, goal, parameters), settings), settings, unseen),
        ChampionErrors.ofConstant(learned, settings, unseen),
        ChampionErrors.of(champion(whole, settings), settings, unseen));
  }

  private static void requireLabels(List<Example> learned, List<String> labels) {
    Set<String> missing = new TreeSet<>(labels);
    for (Example example : learned) {
      if (example.target() instanceof Target.Label label) {
        missing.remove(label.name());
      }
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          ("no outcome that is known before the held-out part has the label(s) %s, so no champion can be judged by it; "
                  + "hold out less, or give --hold-out 0 to write one that nothing has judged")
              .formatted(missing));
    }
  }

  private static Champion champion(Trained trained, ModelSettings settings) {
    return Champion.read(trained.bytes(), 1, settings);
  }

  private static Trained train(
      List<Example> examples, Goal goal, ChampionTrainer.Parameters parameters) {
    Model<?> model = ChampionTrainer.train(examples, goal.settings(), parameters, goal.columns());
    return new Trained(
        ChampionTrainer.toBytes(model),
        model.getFeatureIDMap().size(),
        new TreeSet<>(goal.labels()),
        null);
  }
}
