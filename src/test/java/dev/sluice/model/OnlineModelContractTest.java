package dev.sluice.model;

import static dev.sluice.model.ModelFixtures.bits;
import static dev.sluice.model.ModelFixtures.events;
import static dev.sluice.model.ModelFixtures.observation;
import static dev.sluice.model.ModelFixtures.outcome;
import static dev.sluice.model.ModelFixtures.settings;
import static dev.sluice.support.ModelStates.challengers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.oracle.labs.mlrg.olcut.util.Pair;
import dev.sluice.event.Answer.Evaluation;
import dev.sluice.event.Features;
import dev.sluice.event.Target;
import dev.sluice.features.SparseFeatures;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.math.LinearParameters;
import org.tribuo.math.StochasticGradientOptimiser;
import org.tribuo.math.la.DenseMatrix;
import org.tribuo.math.la.DenseVector;
import org.tribuo.math.la.SGDVector;
import org.tribuo.math.la.SparseVector;
import org.tribuo.math.la.Tensor;
import org.tribuo.math.util.ExpNormalizer;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/** What holds for every objective with every optimiser, with and without a champion. */
class OnlineModelContractTest {

  static Stream<Arguments> all() {
    return Arrays.stream(Objective.values())
        .flatMap(
            objective ->
                Arrays.stream(Optimiser.values())
                    .flatMap(
                        optimiser ->
                            Stream.of(true, false)
                                .map(champion -> Arguments.of(objective, optimiser, champion))));
  }

  @ParameterizedTest
  @MethodSource("all")
  void sameEventsGiveTheSameState(Objective objective, Optimiser optimiser, boolean champion) {
    List<ModelFixtures.Event> events = events(objective, 120, 1);
    assertThat(bits(lived(objective, optimiser, champion, events)))
        .isEqualTo(bits(lived(objective, optimiser, champion, events)))
        .isNotEqualTo(bits(lived(objective, optimiser, champion, events(objective, 120, 2))));
  }

  @ParameterizedTest
  @MethodSource("all")
  void stoppedHalfWayAndContinuedElsewhereAmongOtherKeysIsTheSame(
      Objective objective, Optimiser optimiser, boolean champion) {
    List<ModelFixtures.Event> events = events(objective, 120, 1);
    List<ModelFixtures.Event> others = events(objective, 120, 8);
    OnlineModel before = model(objective, optimiser, champion);
    ModelState state = before.newState();
    events.subList(0, 60).forEach(event -> ModelFixtures.live(before, state, event));

    ModelState restored = ModelFixtures.copy(state);
    OnlineModel after = model(objective, optimiser, champion);
    ModelState other = after.newState();
    for (int i = 60; i < 120; i++) {
      ModelFixtures.live(after, other, others.get(i));
      ModelFixtures.live(after, restored, events.get(i));
    }
    assertThat(bits(restored)).isEqualTo(bits(lived(objective, optimiser, champion, events)));
    assertThat(bits(other))
        .isEqualTo(bits(lived(objective, optimiser, champion, others.subList(60, 120))));
  }

  @ParameterizedTest
  @MethodSource("all")
  void inputsAreNotChanged(Objective objective, Optimiser optimiser, boolean champion) {
    OnlineModel model = model(objective, optimiser, champion);
    ModelState state = model.newState();
    for (ModelFixtures.Event event : events(objective, 40, 3)) {
      Features features = event.features();
      Features copy =
          new Features(
              features.names().clone(), features.texts().clone(), features.numbers().clone());
      Pending.Predicted pending = model.predict(state, observation(features)).pending();
      SparseFeatures encoded =
          new SparseFeatures(
              pending.features().indices().clone(), pending.features().values().clone());
      double[] challenger = pending.challengerOutputs().clone();
      double[] ofChampion =
          pending.championOutputs() == null ? new double[0] : pending.championOutputs().clone();
      model.evaluate(state, pending, outcome(event.target()), true);
      assertThat(features).isEqualTo(copy);
      assertThat(pending.features()).isEqualTo(encoded);
      assertThat(pending.challengerOutputs()).isEqualTo(challenger);
      if (pending.championOutputs() != null) {
        assertThat(pending.championOutputs()).isEqualTo(ofChampion);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void orderOfFeaturesIsIrrelevant(Objective objective, Optimiser optimiser, boolean champion) {
    List<ModelFixtures.Event> events = events(objective, 80, 4);
    List<ModelFixtures.Event> reversed =
        events.stream()
            .map(event -> new ModelFixtures.Event(reversed(event.features()), event.target()))
            .toList();
    assertThat(bits(lived(objective, optimiser, champion, reversed)))
        .isEqualTo(bits(lived(objective, optimiser, champion, events)));
  }

  @ParameterizedTest
  @MethodSource("all")
  void plainTribuoLearnsTheSameBits(Objective objective, Optimiser optimiser, boolean champion) {
    OnlineModel model = model(objective, optimiser, champion);
    List<ModelFixtures.Event> events = events(objective, 150, 5);
    int[] columns = lived(objective, optimiser, champion, events).columns;
    ModelState state = model.newState();
    List<PlainTribuo> plain = new ArrayList<>();
    for (ModelState.Challenger challenger : challengers(state)) {
      double rate = challenger.rate();
      plain.add(new PlainTribuo(settings(objective, optimiser), model, rate, columns));
    }
    for (ModelFixtures.Event event : events) {
      Pending.Predicted pending = model.predict(state, observation(event.features())).pending();
      Evaluation evaluation = model.evaluate(state, pending, outcome(event.target()), true);
      assertThat(evaluation.learned()).isTrue();
      plain.forEach(each -> each.learn(pending.features(), start(state, pending), event.target()));
    }
    assertThat(state.columns).isEqualTo(columns);
    for (int i = 0; i < plain.size(); i++) {
      ModelState.Challenger challenger = challengers(state)[i];
      assertThat(used(challenger.weights(), columns.length)).isDeepEqualTo(plain.get(i).weights());
      assertThat(challenger.accumulators().length).isEqualTo(plain.get(i).accumulators.size());
      for (int slot = 0; slot < challenger.accumulators().length; slot++) {
        assertThat(used(challenger.accumulators()[slot], columns.length))
            .isDeepEqualTo(plain.get(i).accumulators.get(slot).toArray());
      }
    }
  }

  private static double[][] used(double[][] rows, int used) {
    double[][] cut = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      cut[i] = Arrays.copyOf(rows[i], used + 1);
      cut[i][used] = rows[i][rows[i].length - 1];
    }
    return cut;
  }

  @ParameterizedTest
  @MethodSource("all")
  void exportPredictsWhatTheChallengersDo(
      Objective objective, Optimiser optimiser, boolean champion) throws Exception {
    OnlineModel model = model(objective, optimiser, champion);
    List<ModelFixtures.Event> events = events(objective, 100, 6);
    ModelState state = lived(objective, optimiser, champion, events);
    List<String> domain =
        champion
            ? Champion.read(
                    ModelFixtures.linearChampion(objective), 1, settings(objective, optimiser))
                .domain()
            : List.of();
    int compared = 0;
    for (ModelFixtures.Event event : events) {
      Model<?> exported = model.export(state);
      Model<?> read = Model.deserialize(ModelProto.parseFrom(exported.serialize().toByteArray()));
      Map<String, Double> columns = TribuoExamples.columns(event.features());
      columns.keySet().retainAll(domain);
      Pending.Predicted pending = model.predict(state, observation(event.features())).pending();
      for (int i = 0; i < pending.features().indices().length; i++) {
        int column = pending.features().indices()[i] - domain.size();
        if (column >= 0) {
          columns.put("~hashed-%07d".formatted(column), pending.features().values()[i]);
        }
      }
      if (!columns.isEmpty()
          && columns.keySet().containsAll(domain.stream().filter(this::isNumber).toList())
          && isUncut(pending, state)) {
        compared++;
        double[] expected =
            objective == Objective.HINGE && challengers(state).length > 1
                ? new ExpNormalizer().normalize(pending.challengerOutputs())
                : pending.challengerOutputs();
        for (Model<?> each : List.of(exported, read)) {
          double[] outputs = outputs(each, model.labels(), columns);
          for (int i = 0; i < outputs.length; i++) {
            double most = 1e-6 * Math.max(1, Math.abs(expected[i]));
            assertThat(outputs[i]).isCloseTo(expected[i], within(most));
          }
        }
      }
    }
    boolean diverges =
        objective == Objective.SQUARED
            && (optimiser == Optimiser.SGD || optimiser == Optimiser.SGD_MOMENTUM);
    assertThat(compared).isGreaterThanOrEqualTo(diverges ? 0 : 10);
  }

  private static double[] start(ModelState state, Pending.Predicted pending) {
    SparseFeatures raw = Objects.requireNonNull(pending.raw());
    return state.start.isNone()
        ? new double[0]
        : LinearScores.of(state.start.weights(), raw, state.start.columns().length);
  }

  private boolean isNumber(String column) {
    return !column.contains("=");
  }

  private static boolean isUncut(Pending.Predicted pending, ModelState state) {
    double most = 9.9 * state.target.deviation();
    double[] scores = start(state, pending);
    double start = scores.length == 0 ? 0 : scores[0];
    return pending.challengers()[0].length > 1
        || Arrays.stream(pending.challengers())
            .allMatch(outputs -> Math.abs(outputs[0] - start - state.target.mean) <= most);
  }

  @ParameterizedTest
  @MethodSource("all")
  void exportIsACopy(Objective objective, Optimiser optimiser, boolean champion) {
    OnlineModel model = model(objective, optimiser, champion);
    List<ModelFixtures.Event> events = events(objective, 60, 6);
    ModelState state = lived(objective, optimiser, champion, events);
    byte[] before = ChampionTrainer.toBytes(model.export(state));
    Model<?> exported = model.export(state);
    events.forEach(event -> ModelFixtures.live(model, state, event));
    assertThat(ChampionTrainer.toBytes(exported)).isEqualTo(before);
    assertThat(ChampionTrainer.toBytes(model.export(state))).isNotEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("all")
  void exportedModelCanBeTheNextChampion(
      Objective objective, Optimiser optimiser, boolean champion) {
    OnlineModel model = model(objective, optimiser, champion);
    ModelState state = lived(objective, optimiser, champion, events(objective, 60, 6));
    byte[] bytes = ChampionTrainer.toBytes(model.export(state));
    Champion next = Champion.read(bytes, 2, settings(objective, optimiser));
    assertThat(next.labels()).isEqualTo(model.labels());
  }

  @ParameterizedTest
  @MethodSource("all")
  void exportOfOneChallengerSeedsTheNextOnes(
      Objective objective, Optimiser optimiser, boolean champion) {
    ModelSettings single = settings(objective, optimiser).withRates(List.of(0.05));
    OnlineModel model =
        new OnlineModel(
            single,
            champion ? Champion.read(ModelFixtures.linearChampion(objective), 1, single) : null);
    ModelState state = model.newState();
    events(objective, 60, 6).forEach(event -> ModelFixtures.live(model, state, event));
    Champion next = Champion.read(ChampionTrainer.toBytes(model.export(state)), 2, single);
    assertThat(next.linear()).isTrue();
    assertThat(new OnlineModel(single, next).newState().start.isNone()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("all")
  void hostileNumbersNeverMakeAStateNonFinite(
      Objective objective, Optimiser optimiser, boolean champion) {
    OnlineModel model = model(objective, optimiser, champion);
    ModelState state = model.newState();
    double[] hostile = {
      1e100, -1e100, 1e59, -1e60, 1e-300, Double.MIN_VALUE, Double.MAX_VALUE, -1e308, 1e30, 0, 1
    };
    Random random = new Random(11);
    for (int i = 0; i < 3_000; i++) {
      Map<String, Object> features = new TreeMap<>();
      features.put("distance", hostile[random.nextInt(hostile.length)]);
      features.put("wind", hostile[random.nextInt(hostile.length)]);
      features.put("novel", hostile[random.nextInt(hostile.length)]);
      Target target =
          objective.isClassification()
              ? new Target.Label(ModelFixtures.LABELS.get(random.nextInt(3)))
              : new Target.Value(hostile[random.nextInt(hostile.length)]);
      OnlineModel.Answered answered =
          model.predict(state, observation(ModelFixtures.features(features)));
      assertThat(Arrays.stream(answered.answer().outputs())).allMatch(Double::isFinite);
      Evaluation evaluation = model.evaluate(state, answered.pending(), outcome(target), true);
      assertThat(evaluation.challenger().loss()).isFinite();
    }
    assertThat(ModelFixtures.isFinite(state)).as("%s", bits(state)).isTrue();
    assertThat(state.updates + state.refusedUpdates).isEqualTo(3_000);
  }

  private static OnlineModel model(Objective objective, Optimiser optimiser, boolean champion) {
    ModelSettings settings = settings(objective, optimiser);
    return new OnlineModel(
        settings,
        champion ? Champion.read(ModelFixtures.linearChampion(objective), 1, settings) : null);
  }

  private static ModelState lived(
      Objective objective,
      Optimiser optimiser,
      boolean champion,
      List<ModelFixtures.Event> events) {
    OnlineModel model = model(objective, optimiser, champion);
    ModelState state = model.newState();
    events.forEach(event -> ModelFixtures.live(model, state, event));
    return state;
  }

  private static Features reversed(Features features) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < features.size(); i++) {
      order.add(i);
    }
    Collections.reverse(order);
    @Nullable String[] texts = new @Nullable String[features.size()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = features.texts()[order.get(i)];
    }
    return new Features(
        order.stream().map(i -> features.names()[i]).toArray(String[]::new),
        texts,
        order.stream().mapToDouble(i -> features.numbers()[i]).toArray());
  }

  /** What a Tribuo model says to columns by name. */
  private static double[] outputs(
      Model<?> model, List<String> labels, Map<String, Double> columns) {
    if (labels.isEmpty()) {
      Example<Regressor> example =
          TribuoExamples.example(RegressionFactory.UNKNOWN_REGRESSOR, columns);
      return predict(model.castModel(Regressor.class), example).getOutput().getValues();
    }
    Map<String, Label> scores =
        predict(
                model.castModel(Label.class),
                TribuoExamples.example(LabelFactory.UNKNOWN_LABEL, columns))
            .getOutputScores();
    return labels.stream()
        .mapToDouble(label -> Objects.requireNonNull(scores.get(label)).getScore())
        .toArray();
  }

  private static <T extends Output<T>> org.tribuo.Prediction<T> predict(
      Model<T> model, Example<T> example) {
    return model.predict(example);
  }

  /** Ordinary Tribuo training: its own parameters, vectors and optimiser memory, nothing bound. */
  private static final class PlainTribuo {

    final List<DenseMatrix> accumulators = new ArrayList<>();
    private final ModelSettings settings;
    private final List<String> labels;
    private final LinearParameters parameters;
    private final StochasticGradientOptimiser optimiser;

    private final int[] columns;
    private final TargetScaler scale = new TargetScaler();

    /**
     * @param columns all that will come
     */
    PlainTribuo(ModelSettings settings, OnlineModel model, double rate, int[] columns) {
      this.settings = settings;
      this.labels = model.labels();
      this.columns = columns;
      this.parameters =
          new LinearParameters(new DenseMatrix(Math.max(1, labels.size()), columns.length + 1)) {
            private static final long serialVersionUID = 1L;

            @Override
            public Tensor[] getEmptyCopy() {
              Tensor[] copy = super.getEmptyCopy();
              accumulators.add((DenseMatrix) copy[0]);
              return copy;
            }
          };
      ModelSettings.Rates rates = settings.rates();
      this.optimiser =
          TribuoMaths.optimiser(
              settings.optimiser(),
              new ModelSettings.Rates(
                  rates.learningRates(),
                  rates.momentum(),
                  rates.rho(),
                  rates.epsilon(),
                  Math.max(1, 10 * rate)),
              rate);
      optimiser.initialise(parameters);
    }

    void learn(SparseFeatures features, double[] start, Target target) {
      int bias = columns.length;
      int active = features.indices().length;
      int[] indices = new int[active + 1];
      double[] values = Arrays.copyOf(features.values(), active + 1);
      for (int i = 0; i < active; i++) {
        indices[i] = Arrays.binarySearch(columns, features.indices()[i]);
      }
      indices[active] = bias;
      values[active] = 1;
      SparseVector x = SparseVector.createSparseVector(bias + 1, indices, values);
      DenseVector scores = parameters.predict(x);
      Pair<Double, SGDVector> gradient;
      if (target instanceof Target.Value value) {
        double rest = value.value() - (start.length == 0 ? 0 : start[0]);
        scale.learn(rest);
        if (scale.deviation() == 0) {
          return;
        }
        double deltas = scale.deviation() / settings.huberDelta();
        DenseVector aim = DenseVector.createDenseVector(new double[] {scale.standardised(rest)});
        gradient =
            TribuoMaths.valueObjective(settings, deltas * settings.huberDelta())
                .lossAndGradient(aim, scores);
        if (settings.objective() == Objective.HUBER && deltas > 1) {
          gradient.getB().scaleInPlace(deltas);
        }
      } else {
        DenseVector all = DenseVector.createDenseVector(scores.toArray());
        for (int i = 0; i < start.length; i++) {
          all.set(i, start[i] + scores.get(i));
        }
        gradient =
            TribuoMaths.labelObjective(settings)
                .lossAndGradient(labels.indexOf(((Target.Label) target).name()), all);
      }
      parameters.update(optimiser.step(parameters.gradients(gradient, x), 1.0));
    }

    double[][] weights() {
      return parameters.getWeightMatrix().toArray();
    }
  }
}
