package dev.sluice.tool.cli;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A time from which on something counts, as a verb is given it: a time, or how long ago.
 *
 * @param time null if it is how long ago
 * @param ago null if it is a time
 */
record Since(@Nullable Instant time, @Nullable Duration ago) {

  /** The time that is meant, to the millisecond, as Kafka has it. */
  Instant at(Clock clock) {
    return time != null
        ? time
        : clock.instant().minus(ago == null ? Duration.ZERO : ago).truncatedTo(ChronoUnit.MILLIS);
  }

  /** Reads one: ISO-8601, epoch milliseconds, or a duration as 30m, 24h or 7d. */
  static final class Converter implements ITypeConverter<Since> {

    private static final int HOURS_A_DAY = 24;

    @Override
    public Since convert(String text) {
      if (text.matches("[1-9]\\d{0,4}[smhd]")) {
        int last = text.length() - 1;
        long number = Long.parseLong(text.substring(0, last));
        return new Since(
            null,
            switch (text.charAt(last)) {
              case 's' -> Duration.ofSeconds(number);
              case 'm' -> Duration.ofMinutes(number);
              case 'h' -> Duration.ofHours(number);
              default -> Duration.ofHours(number * HOURS_A_DAY);
            });
      }
      try {
        return new Since(new TimeConverter().convert(text), null);
      } catch (TypeConversionException e) {
        throw new TypeConversionException(
            "either how long ago, as 30m, 24h or 7d, or a time; " + e.getMessage());
      }
    }
  }
}
