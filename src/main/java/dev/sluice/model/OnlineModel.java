package dev.sluice.model;

import dev.sluice.event.Answer.Evaluation;
import dev.sluice.event.Answer.Evaluation.Scored;
import dev.sluice.event.Answer.Prediction;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.ServedBy;
import dev.sluice.event.Target;
import dev.sluice.features.FeatureEncoder;
import dev.sluice.features.ScalerState;
import dev.sluice.features.SparseFeatures;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tribuo.Model;
import org.tribuo.math.util.ExpNormalizer;

/**
 * Predicts and learns on any key's {@link ModelState}: one instance a task, not thread-safe; it
 * remembers nothing of a key itself. The same events in the same order give bit-identical states,
 * whichever instances worked on them.
 *
 * <p>A challenger is a linear model over the encoder's columns and a bias. With a linear champion
 * it starts as that champion and, as long as it has learned nothing and the objective's outputs are
 * the champion's kind (log and probabilities, hinge and scores, values), predicts bit for bit the
 * same.
 */
public final class OnlineModel {

  private static final ExpNormalizer SOFTMAX = new ExpNormalizer();

  private final ModelSettings settings;
  private final @Nullable Champion champion;
  private final @Nullable Champion shadow;
  private final List<String> labels;
  private final FeatureEncoder encoder;
  private final Learner learner;
  private final Losses losses;
  private final ServingChoice serving;

  /**
   * @param champion read with the same settings; null if the job has none
   */
  public OnlineModel(ModelSettings settings, @Nullable Champion champion) {
    this(settings, champion, null);
  }

  /**
   * @param champion read with the same settings; null if the job has none
   * @param shadow predicts alongside it, unserved; read with the same settings, of the same {@link
   *     #description()}; null for none
   */
  public OnlineModel(
      ModelSettings settings, @Nullable Champion champion, @Nullable Champion shadow) {
    this.settings = settings;
    this.champion = champion;
    this.shadow = shadow;
    this.labels = champion == null ? settings.labels() : champion.labels();
    this.encoder = FeatureEncoder.championFirst(domain(), settings.width());
    this.learner = new Learner(settings, labels, encoder.columns());
    this.losses = new Losses(settings, labels);
    this.serving = new ServingChoice(settings.serving(), champion != null);
  }

  /** A prediction and what must be kept until its outcome comes. */
  public record Answered(Prediction answer, Pending.Predicted pending) {}

  /** The order of all outputs: the champion's, else the settings'; empty in regression. */
  public List<String> labels() {
    return labels;
  }

  /** A key's first state: a linear champion's weights and zeros for the hashed columns. */
  public ModelState newState() {
    int outputs = outputs();
    int columns = encoder.columns();
    double[][] weights = new double[outputs][columns + 1];
    if (champion != null && champion.linear()) {
      int domain = domain().size();
      for (int row = 0; row < outputs; row++) {
        double[] seed = champion.weights()[row];
        System.arraycopy(seed, 0, weights[row], 0, domain);
        weights[row][columns] = seed[domain];
      }
    }
    double[][][] accumulators = new double[settings.optimiser().slots()][outputs][columns + 1];
    if (settings.optimiser() == Optimiser.ADAGRAD) {
      for (double[] row : accumulators[0]) {
        Arrays.fill(row, settings.rates().initialAccumulator());
      }
    }
    return new ModelState(
        weights, accumulators, new ScalerState(settings.width()), serving.first());
  }

  /**
   * A fresh model in place of another: weights, optimiser, scaler and losses; its counters, its
   * generation, its last event's time and its drift detector continue. What is in flight counts for
   * it.
   */
  public ModelState begunAnew(ModelState old) {
    ModelState fresh = newState();
    fresh.predictions = old.predictions;
    fresh.updates = old.updates;
    fresh.refusedUpdates = old.refusedUpdates;
    fresh.evaluations = old.evaluations;
    fresh.evaluationsBefore = old.evaluations;
    fresh.generation = old.generation;
    fresh.lastEventMs = old.lastEventMs;
    fresh.drift = old.drift.copy();
    return fresh;
  }

  /** Answers an observation; the scaler learns its numbers, the weights stay. */
  public Answered predict(ModelState state, Observation observation) {
    SparseFeatures features = encoder.encode(observation.features(), state.scaler);
    double[] challenger = challengerOutputs(state, features);
    double[] ofChampion =
        champion == null ? null : champion.predict(observation.features(), features);
    ServedBy servedBy = serving.choose(state);
    double[] served = servedBy == ServedBy.CHAMPION && ofChampion != null ? ofChampion : challenger;
    state.predictions++;
    return new Answered(
        new Prediction(
            observation.raw().origin(),
            observation.id(),
            observation.key(),
            observation.timeMs(),
            served,
            servedBy,
            champion == null ? null : champion.version(),
            state.updates),
        new Pending.Predicted(
            observation.raw().arrivalMs(),
            observation.timeMs(),
            features,
            ofChampion,
            challenger,
            servedBy,
            state.generation,
            ofShadow(observation, features)));
  }

  private Pending.@Nullable Shadow ofShadow(Observation observation, SparseFeatures features) {
    return shadow == null
        ? null
        : new Pending.Shadow(
            shadow.version(),
            shadow.generatesProbabilities(),
            shadow.predict(observation.features(), features));
  }

  /**
   * Evaluates a prediction by its outcome and learns from it unless learning is paused.
   *
   * @param learn false while learning is paused
   * @throws IllegalArgumentException if the target is not one of the labels, or not a value in
   *     regression; the state is unchanged
   */
  public Evaluation evaluate(
      ModelState state, Pending.Predicted pending, Outcome outcome, boolean learn) {
    Target target = outcome.target();
    boolean probabilities = settings.objective() == Objective.LOG;
    Scored challenger = scored(pending.challengerOutputs(), probabilities, target);
    double[] outputs = pending.championOutputs();
    boolean championProbabilities =
        champion == null ? probabilities : champion.generatesProbabilities();
    Scored ofChampion = outputs == null ? null : scored(outputs, championProbabilities, target);
    serving.observe(state, pending.generation(), ofChampion, challenger);
    boolean learned = learn && learned(state, pending.features(), target);
    return new Evaluation(
        outcome.raw().origin(),
        outcome.id(),
        outcome.key(),
        outcome.timeMs(),
        target,
        pending.servedBy(),
        learned,
        outcome.timeMs() - pending.timeMs(),
        ofChampion,
        challenger,
        scored(pending.shadow(), target));
  }

  private Evaluation.@Nullable Shadow scored(Pending.@Nullable Shadow said, Target target) {
    return said == null
        ? null
        : new Evaluation.Shadow(
            said.version(), scored(said.outputs(), said.probabilities(), target));
  }

  /** What fixes the meaning of the stored arrays. */
  public ModelDescription description() {
    return ModelDescription.of(settings, labels, domain());
  }

  /**
   * A key's challenger as Tribuo's own LinearSGDModel over a copy of its parameters. Its features
   * are the champion's domain by name, then the hashed columns under names that sort after them; on
   * an example with the same columns it predicts bit for bit what the challenger does.
   */
  public Model<?> export(ModelState state) {
    return ModelExport.of(settings, labels, domain(), state.weights);
  }

  /** The same as a protobuf file that Tribuo's {@code Model.deserializeFromFile} reads. */
  public byte[] exportToBytes(ModelState state) {
    return ChampionTrainer.toBytes(export(state));
  }

  private boolean learned(ModelState state, SparseFeatures features, Target target) {
    if (learner.learn(state, features, target)) {
      state.updates++;
      return true;
    }
    state.refusedUpdates++;
    return false;
  }

  private Scored scored(double[] outputs, boolean probabilities, Target target) {
    return new Scored(outputs, losses.of(outputs, probabilities, target));
  }

  private double[] challengerOutputs(ModelState state, SparseFeatures features) {
    double[] outputs = LinearScores.of(state.weights, features, encoder.columns());
    if (settings.objective() == Objective.LOG) {
      SOFTMAX.normalizeInPlace(outputs);
    }
    return outputs;
  }

  private int outputs() {
    return Math.max(1, labels.size());
  }

  private List<String> domain() {
    return champion == null ? List.of() : champion.domain();
  }
}
