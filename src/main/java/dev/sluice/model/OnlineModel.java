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
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tribuo.Model;

/**
 * Predicts and learns on any key's {@link ModelState}: one instance a task, not thread-safe; it
 * remembers nothing of a key itself. The same events in the same order give bit-identical states,
 * whichever instances worked on them.
 *
 * <p>A key has a challenger for each learning rate: linear models over the encoder's columns and a
 * bias. With a linear champion they start as that champion and, as long as they have learned
 * nothing and the objective's outputs are the champion's kind (log and probabilities, hinge and
 * scores, values), each predicts bit for bit the same. They answer as one, and with the champion as
 * the blend: mixtures by {@link Mixture}. Classes are mixed as probabilities; hinge, whose outputs
 * are scores, gives their logarithms. Values are mixed as values, and the likelihood of an outcome
 * is that of a distribution whose spread is the best model's recent loss.
 */
public final class OnlineModel {

  private static final double[] NOTHING = new double[0];

  private final ModelSettings settings;
  private final @Nullable Champion champion;
  private final @Nullable Champion shadow;
  private final List<String> labels;
  private final FeatureEncoder encoder;
  private final Learner learner;
  private final Losses losses;
  private final ServingChoice serving;
  private final ModelState.Start first;
  private final double[] rates;
  private final Mixture mixture;
  private final MixedOutputs mixed;

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
    this.first = start(champion);
    List<Double> all = settings.rates().learningRates();
    List<Double> used = settings.optimiser() == Optimiser.ADADELTA ? all.subList(0, 1) : all;
    this.rates = used.stream().mapToDouble(Double::doubleValue).toArray();
    this.encoder = FeatureEncoder.championFirst(domain(), settings.width());
    this.learner = new Learner(settings, used, labels);
    this.losses = new Losses(settings, labels);
    this.serving = new ServingChoice(settings.serving(), champion != null);
    this.mixture = new Mixture(settings.serving().shares(), used);
    this.mixed = new MixedOutputs(settings.objective());
  }

  private static ModelState.Start start(@Nullable Champion champion) {
    return champion != null && champion.linear()
        ? new ModelState.Start(
            IntStream.range(0, champion.domain().size()).toArray(), champion.weights())
        : ModelState.Start.NONE;
  }

  /** A prediction and what must be kept until its outcome comes. */
  public record Answered(Prediction answer, Pending.Predicted pending) {}

  /** The order of all outputs: the champion's, else the settings'; empty in regression. */
  public List<String> labels() {
    return labels;
  }

  /** A key's first state: a linear champion's weights to start from, and nothing learned. */
  public ModelState newState() {
    return new ModelState(
        first,
        new int[0],
        LearnedWeights.nothing(
            rates, outputs(), settings.optimiser().slots(), learner::initialAccumulator),
        new ScalerState(),
        new TargetScaler(),
        mixture.first(champion != null),
        serving.first());
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
    fresh.begun = old.begun + 1;
    fresh.lastEventMs = old.lastEventMs;
    fresh.drift = old.drift.copy();
    return fresh;
  }

  /** Answers an observation; the scaler learns its numbers, the weights stay. */
  public Answered predict(ModelState state, Observation observation) {
    fit(state);
    FeatureEncoder.Encoded features =
        encoder.encode(observation.features(), state.scaler, isConverted(state));
    double[] start = start(state, features.raw());
    double[][] challengers = challengers(state, features.scaled(), start);
    double[] ofChampion =
        champion == null ? null : champion.predict(observation.features(), features.raw());
    double[] weights = mixture.weights(state.mixture);
    double[] challenger = mixed.of(weights, null, false, challengers);
    ServedBy servedBy = serving.choose(state);
    double[] served =
        switch (servedBy) {
          case CHALLENGER -> challenger;
          case CHAMPION -> ofChampion == null ? challenger : ofChampion;
          case BLEND ->
              ofChampion == null
                  ? challenger
                  : mixed.of(weights, ofChampion, championProbabilities(), challengers);
        };
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
            features.scaled(),
            features.raw(),
            ofChampion,
            challengers,
            challenger,
            served,
            servedBy,
            state.generation,
            state.begun,
            ofShadow(observation, features.raw())));
  }

  /** Adapts a stored state to these settings and this champion. */
  private void fit(ModelState state) {
    Ladder.fit(state, rates);
    mixture.fit(state.mixture, champion != null);
  }

  /** Whether it started from a model of an earlier release, which hashed numbers. */
  private boolean isConverted(ModelState state) {
    return state.start.lastColumn() >= encoder.domainSize();
  }

  /** What the challengers' start scores; empty without one. */
  private double[] start(ModelState state, SparseFeatures raw) {
    return state.start.isNone()
        ? new double[0]
        : LinearScores.of(
            state.start.weights(),
            Learner.places(state.start.columns(), raw.indices()),
            raw.values(),
            new double[0]);
  }

  /** What each challenger predicts. */
  private double[][] challengers(ModelState state, SparseFeatures features, double[] start) {
    int[] places = Learner.places(state.columns, features.indices());
    boolean classes = settings.objective().isClassification();
    double[][] outputs =
        learner.scores(state.learned, places, features.values(), classes ? start : NOTHING);
    for (double[] output : outputs) {
      if (settings.objective() == Objective.LOG) {
        Softmax.inPlace(output);
      } else if (!classes) {
        double value = state.target.value(output[0]);
        output[0] = start.length == 0 ? value : start[0] + value;
        LinearScores.bounded(output);
      }
    }
    return outputs;
  }

  private boolean championProbabilities() {
    return champion == null
        ? settings.objective() == Objective.LOG
        : champion.generatesProbabilities();
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
    fit(state);
    Target target = outcome.target();
    boolean probabilities = settings.objective() == Objective.LOG;
    Scored challenger = scored(pending.challengerOutputs(), probabilities, target);
    double[] outputs = pending.championOutputs();
    Scored ofChampion = outputs == null ? null : scored(outputs, championProbabilities(), target);
    Scored served =
        switch (pending.servedBy()) {
          case CHALLENGER -> challenger;
          case CHAMPION -> ofChampion == null ? challenger : ofChampion;
          case BLEND -> scored(pending.servedOutputs(), probabilities, target);
        };
    serving.observe(state, pending.generation(), ofChampion, challenger);
    boolean learned = learn && learned(state, pending, ofChampion, target);
    return new Evaluation(
        outcome.raw().origin(),
        outcome.id(),
        outcome.key(),
        outcome.timeMs(),
        target,
        pending.servedBy(),
        learned,
        outcome.timeMs() - pending.timeMs(),
        served,
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
   * The mixture of a key's challengers, as it is now, as Tribuo's own model over their raw inputs
   * as far as these can be named: see {@link ModelExport}.
   */
  public Model<?> export(ModelState state) {
    fit(state);
    return ModelExport.of(settings, labels, domain(), state, mixture.weights(state.mixture));
  }

  /** The same as a protobuf file that Tribuo's {@code Model.deserializeFromFile} reads. */
  public byte[] exportToBytes(ModelState state) {
    return ChampionTrainer.toBytes(export(state));
  }

  /** How the models are weighted in what is predicted now: the champion's weight first. */
  public double[] weights(ModelState state) {
    fit(state);
    return mixture.weights(state.mixture);
  }

  private boolean learned(
      ModelState state, Pending.Predicted pending, @Nullable Scored ofChampion, Target target) {
    weigh(state, pending, ofChampion, target);
    SparseFeatures raw = pending.raw();
    SparseFeatures features =
        raw == null ? textsOnly(state, pending.features()) : pending.features();
    double[] start = start(state, raw == null ? pending.features() : raw);
    if (learner.learn(state, features, start, target) > 0) {
      state.updates++;
      return true;
    }
    state.refusedUpdates++;
    return false;
  }

  /** Weights the models that are still those that predicted. */
  private void weigh(
      ModelState state, Pending.Predicted pending, @Nullable Scored ofChampion, Target target) {
    int rungs = state.learned.challengers();
    if (pending.generation() != state.generation
        || pending.begun() != state.begun
        || pending.challengers().length != rungs
        || (champion == null) != (ofChampion == null)) {
      return;
    }
    if (!settings.objective().isClassification() && isUntaught(state, pending)) {
      return; // what all models say alike, and with an error of its own kind
    }
    Double champion = ofChampion == null ? null : ofChampion.loss();
    mixture.learn(
        state.mixture,
        losses.likelihoods(pending, championProbabilities(), champion, target, state.mixture));
  }

  /** Whether every challenger predicted the start's value alone, as before the first outcome. */
  private boolean isUntaught(ModelState state, Pending.Predicted pending) {
    SparseFeatures raw = pending.raw() == null ? pending.features() : pending.raw();
    double[] start = start(state, raw);
    double untaught = start.length == 0 ? 0 : start[0];
    return Arrays.stream(pending.challengers()).allMatch(outputs -> outputs[0] == untaught);
  }

  /**
   * Whether a prediction says how well this key's model predicts: it was made by this very model,
   * and not before the first outcome of a regression.
   */
  public boolean isJudgedBy(ModelState state, Pending.Predicted pending) {
    return pending.generation() == state.generation
        && pending.begun() == state.begun
        && (settings.objective().isClassification() || !isUntaught(state, pending));
  }

  /** Of a vector of an earlier release the columns that have kept their meaning. */
  private SparseFeatures textsOnly(ModelState state, SparseFeatures features) {
    int[] kept =
        IntStream.range(0, isConverted(state) ? features.indices().length : 0)
            .filter(i -> features.indices()[i] >= encoder.domainSize())
            .filter(i -> state.scaler.count(features.indices()[i]) == 0)
            .toArray();
    return new SparseFeatures(
        Arrays.stream(kept).map(i -> features.indices()[i]).toArray(),
        Arrays.stream(kept).mapToDouble(i -> features.values()[i]).toArray());
  }

  private Scored scored(double[] outputs, boolean probabilities, Target target) {
    return new Scored(outputs, losses.of(outputs, probabilities, target));
  }

  private int outputs() {
    return Math.max(1, labels.size());
  }

  private List<String> domain() {
    return champion == null ? List.of() : champion.domain();
  }
}
