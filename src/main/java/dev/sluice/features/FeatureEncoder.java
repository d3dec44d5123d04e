package dev.sluice.features;

import dev.sluice.event.Features;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns an observation's features into a sparse vector: first the columns of a champion's own
 * feature domain, by name, then {@code width} hashed ones. Immutable.
 *
 * <ul>
 *   <li>A number whose name is in the domain takes that column with its raw value, a text {@code
 *       name=text} that is in the domain takes that column with 1: exactly what the champion sees.
 *   <li>Any other number goes to its name's hashed column, standardised by the key's scaler as it
 *       was before this observation, times the hash's sign; the scaler learns the number
 *       afterwards.
 *   <li>Any other text goes to the hashed column of {@code name=text} with the hash's sign.
 * </ul>
 *
 * <p>Values that meet in a column add up in the order of the features' names. Zeros are left out:
 * they change no score.
 */
public final class FeatureEncoder {

  private final int domainSize;
  private final Map<String, Integer> numberColumns = new HashMap<>();
  private final Map<String, Map<String, Integer>> textColumns = new HashMap<>();
  private final SignedHash hashing;
  private final int columns;

  private FeatureEncoder(List<String> domain, int width) {
    this.hashing = new SignedHash(width);
    this.domainSize = domain.size();
    this.columns = domainSize + width;
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

  /** Encodes one observation; the scaler, {@code width} wide, then learns its hashed numbers. */
  public SparseFeatures encode(Features features, ScalerState scaler) {
    int size = features.size();
    int[] column = new int[size];
    double[] value = new double[size];
    for (int i = 0; i < size; i++) {
      String name = features.names()[i];
      String text = features.texts()[i];
      int known = known(name, text);
      if (known >= 0) {
        column[i] = known;
        value[i] = text == null ? features.numbers()[i] : 1;
      } else {
        int hash = SignedHash.hash(name, text);
        int slot = hashing.slot(hash);
        column[i] = domainSize + slot;
        double magnitude =
            text == null ? Scaler.standardised(scaler, slot, features.numbers()[i]) : 1;
        value[i] = SignedHash.sign(hash) * magnitude;
      }
    }
    for (int i = 0; i < size; i++) {
      if (features.isNumber(i) && column[i] >= domainSize) {
        Scaler.learn(scaler, column[i] - domainSize, features.numbers()[i]);
      }
    }
    return ascending(column, value);
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

  private static SparseFeatures ascending(int[] column, double[] value) {
    long[] order = new long[column.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = ((long) column[i] << 32) | i;
    }
    Arrays.sort(order);
    int[] indices = new int[order.length];
    double[] values = new double[order.length];
    int size = 0;
    int from = 0;
    while (from < order.length) {
      int at = (int) (order[from] >>> 32);
      double sum = 0;
      for (; from < order.length && order[from] >>> 32 == at; from++) {
        sum += value[(int) order[from]];
      }
      if (sum != 0) {
        indices[size] = at;
        values[size++] = sum;
      }
    }
    return size == order.length
        ? new SparseFeatures(indices, values)
        : new SparseFeatures(Arrays.copyOf(indices, size), Arrays.copyOf(values, size));
  }
}
