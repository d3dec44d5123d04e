package dev.sluice.tool.scoring;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Counts which keys the champion predicts better than the challenger, up to a bound. */
public final class KeySides {

  /** Up to so many keys are listed. */
  public static final int MOST_KEYS = 200_000;

  /** Of all keys together. */
  private static final long MOST_CHARS = 16 << 20;

  /** The same for whoever counts the same keys. */
  static final KeyBoard.Bounds BOUNDS = new KeyBoard.Bounds(MOST_KEYS, MOST_CHARS);

  private final Map<String, Losses> keys = new HashMap<>();
  private long chars;
  private boolean full;

  /**
   * Mean losses over all evaluations of some keys.
   *
   * @param keys how many
   * @param evaluations how many they had with a champion
   * @param champion the champion's
   * @param challenger the challengers'
   * @param served whatever was served
   */
  public record Side(
      int keys, long evaluations, double champion, double challenger, double served) {}

  /** Sums of one key's losses, of evaluations with a champion. */
  private static final class Losses {
    private long evaluations;
    private double champion;
    private double challenger;
    private double served;

    private boolean isChampions() {
      return champion < challenger;
    }
  }

  KeySides() {}

  void add(EvaluationRow row) {
    Losses key = losses(row.key());
    EvaluationRow.Said champion = row.champion();
    if (key != null && champion != null) {
      key.evaluations++;
      key.champion += champion.loss();
      key.challenger += row.challenger().loss();
      key.served += row.served().loss();
    }
  }

  /** Null for a key that is one too many. */
  private @Nullable Losses losses(String key) {
    Losses known = keys.get(key);
    if (known == null && keys.size() < MOST_KEYS && chars + key.length() <= MOST_CHARS) {
      known = new Losses();
      keys.put(key, known);
      chars += key.length();
    }
    full |= known == null;
    return known;
  }

  int size() {
    return keys.size();
  }

  /** Whether there were more keys than are counted. */
  boolean isFull() {
    return full;
  }

  /** The keys that the champion predicted better; null if there are none, or keys are missing. */
  @Nullable Side champions() {
    return side(Losses::isChampions);
  }

  /** The others that both predicted; null if there are none, or keys are missing. */
  @Nullable Side challengers() {
    return side(key -> !key.isChampions());
  }

  private @Nullable Side side(Predicate<Losses> belongs) {
    if (full) {
      return null;
    }
    Losses sum = new Losses();
    int n = 0;
    for (Losses key : keys.values()) {
      if (key.evaluations > 0 && belongs.test(key)) {
        n++;
        sum.evaluations += key.evaluations;
        sum.champion += key.champion;
        sum.challenger += key.challenger;
        sum.served += key.served;
      }
    }
    double all = sum.evaluations;
    return n == 0
        ? null
        : new Side(n, sum.evaluations, sum.champion / all, sum.challenger / all, sum.served / all);
  }
}
