package dev.sluice.codec;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.jspecify.annotations.Nullable;

/**
 * Numbers that are not finite, written without quotes: {@code NaN}, {@code Infinity}. JSON has no
 * such form, but several libraries write it, so the message says what a producer has to write
 * instead.
 */
final class NotFinite {

  private static final String BEFORE = "Non-standard token '";

  private NotFinite() {}

  /** Such a number, if it is what stopped the parser; else null. */
  static @Nullable String token(JsonProcessingException stopped) {
    String message = stopped.getOriginalMessage();
    if (message == null || !message.startsWith(BEFORE)) {
      return null;
    }
    int end = message.indexOf('\'', BEFORE.length());
    return end < 0 ? null : message.substring(BEFORE.length(), end);
  }
}
