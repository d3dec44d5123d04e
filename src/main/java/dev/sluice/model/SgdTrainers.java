package dev.sluice.model;

import com.oracle.labs.mlrg.olcut.provenance.ListProvenance;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.classification.Label;
import org.tribuo.ensemble.WeightedEnsembleModel;
import org.tribuo.math.LinearParameters;
import org.tribuo.math.StochasticGradientOptimiser;
import org.tribuo.provenance.EnsembleModelProvenance;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.TrainerProvenance;
import org.tribuo.provenance.impl.EmptyDatasetProvenance;
import org.tribuo.provenance.impl.EmptyTrainerProvenance;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.sgd.linear.LinearSGDModel;
import org.tribuo.regression.sgd.linear.LinearSGDTrainer;

/**
 * Tribuo's two trainers of linear models, opened: they also make a model of given parameters, and
 * their models carry no time and no class of ours, so that equal models have equal files which any
 * Tribuo reads.
 */
final class SgdTrainers {

  static final OffsetDateTime NO_TIME = OffsetDateTime.ofInstant(Instant.EPOCH, ZoneOffset.UTC);

  private static final int NO_LOGGING = -1;

  private SgdTrainers() {}

  /** Trains classifiers. */
  static final class Labels extends org.tribuo.classification.sgd.linear.LinearSGDTrainer {

    private final TrainerProvenance provenance;

    Labels(ModelSettings settings, StochasticGradientOptimiser optimiser, int epochs, long seed) {
      super(TribuoMaths.labelObjective(settings), optimiser, epochs, NO_LOGGING, seed);
      this.provenance =
          new org.tribuo.classification.sgd.linear.LinearSGDTrainer(
                  TribuoMaths.labelObjective(settings), optimiser, epochs, NO_LOGGING, seed)
              .getProvenance();
    }

    Model<Label> model(
        ImmutableFeatureMap features,
        ImmutableOutputInfo<Label> outputs,
        LinearParameters parameters) {
      return createModel(
          getName(), untrained(getModelClassName(), provenance), features, outputs, parameters);
    }

    @Override
    protected org.tribuo.classification.sgd.linear.LinearSGDModel createModel(
        String name,
        ModelProvenance trained,
        ImmutableFeatureMap features,
        ImmutableOutputInfo<Label> outputs,
        LinearParameters parameters) {
      return super.createModel(name, timeless(trained), features, outputs, parameters);
    }

    @Override
    public TrainerProvenance getProvenance() {
      return provenance;
    }
  }

  /** Trains regressors. */
  static final class Values extends LinearSGDTrainer {

    private final TrainerProvenance provenance;

    Values(ModelSettings settings, StochasticGradientOptimiser optimiser, int epochs, long seed) {
      this(settings, 1, optimiser, epochs, seed);
    }

    /**
     * @param unit what the targets were divided by
     */
    Values(
        ModelSettings settings,
        double unit,
        StochasticGradientOptimiser optimiser,
        int epochs,
        long seed) {
      super(TribuoMaths.valueObjective(settings, unit), optimiser, epochs, NO_LOGGING, seed);
      this.provenance =
          new LinearSGDTrainer(
                  TribuoMaths.valueObjective(settings), optimiser, epochs, NO_LOGGING, seed)
              .getProvenance();
    }

    Model<Regressor> model(
        ImmutableFeatureMap features,
        ImmutableOutputInfo<Regressor> outputs,
        LinearParameters parameters) {
      return createModel(
          getName(), untrained(getModelClassName(), provenance), features, outputs, parameters);
    }

    @Override
    protected LinearSGDModel createModel(
        String name,
        ModelProvenance trained,
        ImmutableFeatureMap features,
        ImmutableOutputInfo<Regressor> outputs,
        LinearParameters parameters) {
      return super.createModel(name, timeless(trained), features, outputs, parameters);
    }

    @Override
    public TrainerProvenance getProvenance() {
      return provenance;
    }
  }

  /** The provenance of several models as one. */
  static <T extends Output<T>> EnsembleModelProvenance ensemble(List<Model<T>> models) {
    return new EnsembleModelProvenance(
        WeightedEnsembleModel.class.getName(),
        NO_TIME,
        new EmptyDatasetProvenance(),
        new EmptyTrainerProvenance(),
        ListProvenance.createListProvenance(models));
  }

  private static ModelProvenance untrained(String modelClass, TrainerProvenance trainer) {
    return new ModelProvenance(modelClass, NO_TIME, new EmptyDatasetProvenance(), trainer);
  }

  private static ModelProvenance timeless(ModelProvenance trained) {
    return new ModelProvenance(
        trained.getClassName(),
        NO_TIME,
        trained.getDatasetProvenance(),
        trained.getTrainerProvenance());
  }
}
