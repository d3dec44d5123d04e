package dev.sluice.event;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An observation's features in the order of their names, so that the order in which a producer
 * wrote them changes nothing. The arrays are parallel and owned by the record: never modified.
 *
 * @param names distinct, ascending by {@link String#compareTo}
 * @param texts a string's or boolean's text; null where the feature is a number
 * @param numbers a number's finite value; 0 where the feature is a text
 */
public record Features(String[] names, @Nullable String[] texts, double[] numbers) {

  public Features {
    if (names.length != texts.length || names.length != numbers.length) {
      throw new IllegalArgumentException(
          "features must be parallel, but are (%s, %s, %s) long"
              .formatted(names.length, texts.length, numbers.length));
    }
  }

  /** How many features there are. */
  public int size() {
    return names.length;
  }

  /** Whether feature {@code i} is a number. */
  public boolean isNumber(int i) {
    return texts[i] == null;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Features that
        && Arrays.equals(names, that.names)
        && Arrays.equals(texts, that.texts)
        && Arrays.equals(numbers, that.numbers);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(names) * 31 + Arrays.hashCode(numbers);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < names.length; i++) {
      text.append(i == 0 ? "" : ", ").append(names[i]).append('=');
      text.append(isNumber(i) ? String.valueOf(numbers[i]) : texts[i]);
    }
    return text.append('}').toString();
  }
}
