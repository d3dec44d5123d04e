package dev.sluice.features;

import dev.sluice.event.Features;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns an observation's features into a sparse vector: first the columns of a champion's own
 * feature domain, by name, then {@code width} hashed ones for texts, then {@link #NUMBER_COLUMNS}
 * for numbers. Immutable.
 *
 * <ul>
 *   <li>A number whose name is in the domain takes that column, a text {@code name=text} that is in
 *       the domain takes that column with 1. What the champion sees has the number's raw value,
 *       what the challengers see has it standardised.
 *   <li>Any other number goes to its name's column, standardised. With 20 such names there is a
 *       chance of one in 86 that two meet; then they share the scaler and add up.
 *   <li>Any other text goes to the hashed column of {@code name=text} with the hash's sign.
 * </ul>
 *
 * <p>Numbers are standardised by the key's scaler as it was before this observation; the scaler
 * learns them afterwards.
 *
 * <p>Values that meet in a column add up in the order of the features' names. Zeros are left out:
 * they change no score.
 */
public final class FeatureEncoder {

  /** Columns of numbers that no champion knows. */
  public static final int NUMBER_COLUMNS = 1 << 14;

  private final int domainSize;
  private final int width;
  private final Map<String, Integer> numberColumns = new HashMap<>();
  private final Map<String, Map<String, Integer>> textColumns = new HashMap<>();
  private final SignedHash hashing;
  private final int columns;

  private FeatureEncoder(List<String> domain, int width) {
    this.hashing = new SignedHash(width);
    this.domainSize = domain.size();
    this.width = width;
    this.columns = domainSize + width + NUMBER_COLUMNS;
    for (int column = 0; column < domainSize; column++) {
      index(domain.get(column), column);
    }
  }

  /**
   * An encoder that hashes what the champion doesn't know.
   *
   * @param domain the champion's feature names in the order of their ids: column i is feature id i
   * @throws IllegalArgumentException if {@code width} is not a power of two up to 2^20, or a name
   *     is twice in the domain
   */
  public static FeatureEncoder championFirst(List<String> domain, int width) {
    return new FeatureEncoder(domain, width);
  }

  /** The name that the feature {@code name} with the text {@code text} has in Tribuo's models. */
  public static String column(String name, String text) {
    return name + "=" + text;
  }

  /** How many columns a vector has, without the bias. */
  public int columns() {
    return columns;
  }

  /**
   * One observation as two vectors.
   *
   * @param raw what a linear champion sees in its columns; if asked for, behind them what a model
   *     of an earlier release saw: texts and numbers in the hashed columns
   * @param scaled what the challengers see: every number standardised
   */
  public record Encoded(SparseFeatures raw, SparseFeatures scaled) {}

  /** How many columns belong to the champion's domain: the first ones. */
  public int domainSize() {
    return domainSize;
  }

  /** The vector that a champion of this domain sees; no scaler is asked. */
  public SparseFeatures encodeKnown(Features features) {
    Columns known = new Columns(features.size());
    for (int i = 0; i < features.size(); i++) {
      String text = features.texts()[i];
      int column = known(features.names()[i], text);
      if (column >= 0) {
        known.add(column, text == null ? features.numbers()[i] : 1);
      }
    }
    return known.ascending();
  }

  /**
   * Encodes one observation; the scaler then learns its numbers.
   *
   * @param hashedToo whether the raw vector has the hashed columns of an earlier release
   */
  public Encoded encode(Features features, ScalerState scaler, boolean hashedToo) {
    int size = features.size();
    Columns scaled = new Columns(size);
    Columns raw = new Columns(domainSize > 0 || hashedToo ? size : 0);
    int[] numbers = new int[size];
    for (int i = 0; i < size; i++) {
      String name = features.names()[i];
      String text = features.texts()[i];
      double number = features.numbers()[i];
      int known = known(name, text);
      if (known >= 0) {
        raw.add(known, text == null ? number : 1);
        scaled.add(known, text == null ? Scaler.standardised(scaler, known, number) : 1);
        numbers[i] = known;
        continue;
      }
      int hash = SignedHash.hash(name, text);
      double sign = SignedHash.sign(hash);
      if (text == null) {
        numbers[i] = numberColumn(hash);
        scaled.add(numbers[i], Scaler.standardised(scaler, numbers[i], number));
      } else {
        scaled.add(domainSize + hashing.slot(hash), sign);
      }
      if (hashedToo) {
        int hashed = domainSize + hashing.slot(hash);
        double value = text == null ? Scaler.standardised(scaler, hashed, number) : 1;
        raw.add(hashed, sign * value);
      }
    }
    learn(features, scaler, numbers, hashedToo);
    return new Encoded(raw.ascending(), scaled.ascending());
  }

  private void learn(Features features, ScalerState scaler, int[] columns, boolean hashedToo) {
    for (int i = 0; i < columns.length; i++) {
      if (features.isNumber(i)) {
        Scaler.learn(scaler, columns[i], features.numbers()[i]);
        if (hashedToo && columns[i] >= domainSize) {
          Scaler.learn(scaler, earlierColumnOf(features.names()[i]), features.numbers()[i]);
        }
      }
    }
  }

  /** The column of a number that the champion does not know. */
  public int numberColumn(String name) {
    return numberColumn(SignedHash.hash(name, null));
  }

  /** The column of a text that the champion does not know. */
  public int textColumn(String name, String text) {
    return domainSize + hashing.slot(SignedHash.hash(name, text));
  }

  /**
   * The column in which the challengers see a feature, known to the champion or not.
   *
   * @param text null for a number
   */
  public int columnOf(String name, @Nullable String text) {
    int known = known(name, text);
    if (known >= 0) {
      return known;
    }
    return text == null ? numberColumn(name) : textColumn(name, text);
  }

  /** The hashed column that a model of an earlier release has of a number. */
  public int earlierColumnOf(String name) {
    return domainSize + hashing.slot(SignedHash.hash(name, null));
  }

  private int numberColumn(int hash) {
    return domainSize + width + (hash & (NUMBER_COLUMNS - 1));
  }

  /** Enters a domain name as a number's and, at every '=', as a text's. */
  private void index(String name, int column) {
    if (numberColumns.put(name, column) != null) {
      throw new IllegalArgumentException("feature (" + name + ") is twice in the domain");
    }
    for (int at = name.indexOf('='); at >= 0; at = name.indexOf('=', at + 1)) {
      textColumns
          .computeIfAbsent(name.substring(0, at), n -> new HashMap<>())
          .put(name.substring(at + 1), column);
    }
  }

  private int known(String name, @Nullable String text) {
    if (domainSize == 0) {
      return -1;
    }
    Map<String, Integer> byName = text == null ? numberColumns : textColumns.get(name);
    Integer column = byName == null ? null : byName.get(text == null ? name : text);
    return column == null ? -1 : column;
  }

  /** Columns in the order of the features' names. */
  private static final class Columns {

    private final long[] order;
    private final double[] value;
    private int size;

    Columns(int most) {
      this.order = new long[most];
      this.value = new double[most];
    }

    void add(int column, double number) {
      order[size] = ((long) column << 32) | size;
      value[size++] = number;
    }

    /** What meets in a column is added up. */
    SparseFeatures ascending() {
      Arrays.sort(order, 0, size);
      int[] indices = new int[size];
      double[] values = new double[size];
      int distinct = 0;
      int from = 0;
      while (from < size) {
        int at = (int) (order[from] >>> 32);
        double sum = 0;
        for (; from < size && order[from] >>> 32 == at; from++) {
          sum += value[(int) order[from]];
        }
        if (sum != 0) {
          indices[distinct] = at;
          values[distinct++] = sum;
        }
      }
      return new SparseFeatures(Arrays.copyOf(indices, distinct), Arrays.copyOf(values, distinct));
    }
  }
}
