package dev.sluice.tool.savepoint;

import dev.sluice.model.Champion;
import dev.sluice.model.ChampionException;
import dev.sluice.model.ModelDescription;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a snapshot's models mean, by its own description and champion: no settings are needed. */
public final class Challengers {

  /** What a challenger of an earlier release is said to learn with: its rate was not stored. */
  private static final double UNKNOWN_RATE = 0.05;

  private final @Nullable Champion champion;
  private final ModelSettings settings;
  private final OnlineModel online;

  private Challengers(@Nullable Champion champion, ModelSettings settings, OnlineModel online) {
    this.champion = champion;
    this.settings = settings;
    this.online = online;
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

  /** The meaning of a column: a feature that the champion knows, or hashed ones. */
  public String column(int column) {
    List<String> domain = champion == null ? List.of() : champion.domain();
    int hashed = column - domain.size();
    if (hashed < 0) {
      return domain.get(column);
    }
    return hashed < settings.width() ? "hashed " + hashed : "number " + (hashed - settings.width());
  }

  /** How a key's models are weighted in what is predicted now: the champion's weight first. */
  public double[] weights(ModelState state) {
    return online(state).weights(state);
  }

  /** The mixture of a key's challengers as a protobuf file that plain Tribuo loads. */
  public byte[] export(ModelState state) {
    return online(state).exportToBytes(state);
  }

  /** A model with a state's own rates. */
  private OnlineModel online(ModelState state) {
    List<Double> rates =
        Arrays.stream(state.challengers)
            .map(each -> Double.isNaN(each.rate()) ? UNKNOWN_RATE : each.rate())
            .toList();
    return new OnlineModel(settings.withRates(rates), champion);
  }
}
