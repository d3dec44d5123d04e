package dev.sluice.enrich;

import dev.sluice.event.Features;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Two feature sets made one. */
public final class Merged {

  private Merged() {}

  /** Every feature of both, in the order of their names; where both have one, {@code first}'s. */
  public static Features of(Features first, Features second) {
    int most = first.size() + second.size();
    String[] names = new String[most];
    @Nullable String[] texts = new String[most];
    double[] numbers = new double[most];
    int size = 0;
    for (int i = 0, j = 0; i < first.size() || j < second.size(); size++) {
      int order =
          i == first.size()
              ? 1
              : j == second.size() ? -1 : first.names()[i].compareTo(second.names()[j]);
      Features from = order <= 0 ? first : second;
      int at = order <= 0 ? i : j;
      names[size] = from.names()[at];
      texts[size] = from.texts()[at];
      numbers[size] = from.numbers()[at];
      i += order <= 0 ? 1 : 0;
      j += order >= 0 ? 1 : 0;
    }
    return new Features(
        Arrays.copyOf(names, size), Arrays.copyOf(texts, size), Arrays.copyOf(numbers, size));
  }
}
