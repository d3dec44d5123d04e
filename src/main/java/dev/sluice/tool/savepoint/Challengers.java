package dev.sluice.tool.savepoint;

import dev.sluice.model.Champion;
import dev.sluice.model.ChampionException;
import dev.sluice.model.ModelDescription;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a snapshot's models mean, by its own description and champion: no settings are needed. */
public final class Challengers {

  private final @Nullable Champion champion;
  private final OnlineModel online;

  private Challengers(@Nullable Champion champion, OnlineModel online) {
    this.champion = champion;
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
      return new Challengers(champion, online);
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

  /** The meaning of a column of the weights: a feature that the champion knows, or hashed ones. */
  public String column(ModelState state, int column) {
    if (column == state.weights[0].length - 1) {
      return "bias";
    }
    List<String> domain = champion == null ? List.of() : champion.domain();
    return column < domain.size() ? domain.get(column) : "hashed " + (column - domain.size());
  }

  /** A key's challenger as a protobuf file that plain Tribuo loads. */
  public byte[] export(ModelState state) {
    return online.exportToBytes(state);
  }
}
