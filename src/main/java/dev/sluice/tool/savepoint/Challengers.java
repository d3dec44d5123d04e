package dev.sluice.tool.savepoint;

import dev.sluice.features.FeatureEncoder;
import dev.sluice.model.Champion;
import dev.sluice.model.ChampionException;
import dev.sluice.model.ModelDescription;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.state.SluiceTypes;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.jspecify.annotations.Nullable;

/** What a snapshot's models mean, by its own description and champion: no settings are needed. */
public final class Challengers {

  /** In place of a rate that an earlier release did not store; it changes neither weight. */
  private static final double UNKNOWN_RATE = 0.05;

  private final TypeSerializer<ModelState> models =
      SluiceTypes.MODEL_STATE.createSerializer(new SerializerConfigImpl());

  private final @Nullable Champion champion;
  private final ModelSettings settings;
  private final OnlineModel online;
  private final FeatureEncoder encoder;

  private Challengers(@Nullable Champion champion, ModelSettings settings, OnlineModel online) {
    this.champion = champion;
    this.settings = settings;
    this.online = online;
    this.encoder =
        FeatureEncoder.championFirst(
            champion == null ? List.of() : champion.domain(), settings.width());
  }

  /**
   * Reads the champion and the description.
   *
   * @throws BadSnapshotException if there is no description, or the two don't fit
   */
  public static Challengers of(Snapshot snapshot) throws BadSnapshotException {
    ModelDescription stored = snapshot.requiredDescription();
    try {
      ModelSettings settings = stored.toSettings();
      Champion champion =
          snapshot
              .champion()
              .map(saved -> Champion.read(saved.bytes(), saved.version(), settings))
              .orElse(null);
      OnlineModel online = new OnlineModel(settings, champion);
      List<String> differences = online.description().differences(stored);
      if (!differences.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", differences));
      }
      return new Challengers(champion, settings, online);
    } catch (ChampionException | IllegalArgumentException e) {
      throw BadSnapshotException.unreadable(
          snapshot.uri(), "the champion and the models' description", e);
    }
  }

  /** The champion that the challengers run alongside. */
  public Optional<Champion> champion() {
    return Optional.ofNullable(champion);
  }

  /** The outputs' names in their order; empty in regression. */
  public List<String> labels() {
    return online.labels();
  }

  /** The feature of a column that the champion knows; empty of one that events are hashed into. */
  public Optional<String> knownName(int column) {
    return champion == null || column >= encoder.domainSize()
        ? Optional.empty()
        : Optional.of(champion.domain().get(column));
  }

  /** The meaning of a column: a feature that the champion knows, or hashed ones. */
  public String column(int column) {
    int hashed = column - encoder.domainSize();
    return knownName(column)
        .orElseGet(
            () ->
                hashed < settings.width()
                    ? "hashed " + hashed
                    : "number " + (hashed - settings.width()));
  }

  /**
   * The columns of a key's model in which a feature is seen: one, or two of a number that a model
   * of an earlier release had hashed.
   *
   * @param text null for a number
   */
  public List<Integer> columnsOf(ModelState state, String name, @Nullable String text) {
    int column = encoder.columnOf(name, text);
    boolean isConverted = state.start.lastColumn() >= encoder.domainSize();
    return text == null && isConverted && knownName(column).isEmpty()
        ? List.of(column, encoder.earlierColumnOf(name))
        : List.of(column);
  }

  /** How a key's models are weighted in what is predicted now: the champion's weight first. */
  public double[] weights(ModelState state) {
    return online(state).weights(models.copy(state));
  }

  /** The mixture of a key's challengers as a protobuf file that plain Tribuo loads. */
  public byte[] export(ModelState state) {
    return online(state).exportToBytes(models.copy(state));
  }

  /** A model with a state's own rates; it adapts what it is given, so it is given copies. */
  private OnlineModel online(ModelState state) {
    List<Double> rates =
        Arrays.stream(state.learned.rates())
            .map(rate -> Double.isNaN(rate) ? UNKNOWN_RATE : rate)
            .boxed()
            .toList();
    return new OnlineModel(settings.withRates(rates), champion);
  }
}
