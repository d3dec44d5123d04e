package dev.sluice.tool.events;

import dev.sluice.tool.events.CsvMapping.Times;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the cells of a CSV: numbers and times as programs write them. */
final class Cells {

  /** Greatest magnitude of a number in the contract. */
  private static final double MAX_MAGNITUDE = 1e100;

  /** Epoch seconds below it, milliseconds above: the year 5138, and March 1973. */
  private static final double SECONDS_BELOW = 1e11;

  private static final long MIN_MS = -62_135_596_800_000L;
  private static final long MAX_MS = 253_402_300_799_999L;

  /** As 00123 is a post code: a number has no such zero at its beginning. */
  private static final Pattern CODE = Pattern.compile("0\\d+");

  private static final Pattern NUMBER =
      Pattern.compile(
          "[+-]?(?:(?:0|[1-9]\\d{0,308})(?:\\.\\d{0,400})?|\\.\\d{1,400})(?:[eE][+-]?\\d{1,3})?");

  /** As 42,70 or 1.234,56 is a number in much of Europe, and 1,234.56 or 1,234 elsewhere. */
  private static final Pattern COMMA_NUMBER =
      Pattern.compile(
          "[+-]?(?:\\d[\\d.]{0,308},\\d{1,400}|\\d{1,3}(?:,\\d{3}){1,100}(?:\\.\\d{0,400})?)");

  /** How programs write that a number is not there. */
  private static final Set<String> MISSING =
      Set.of("", "na", "n/a", "nan", "null", "none", "nil", "\\n", "?", "-");

  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendLiteral('T')
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .appendPattern("[XXX][XX][X]")
          .toFormatter(Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);

  /** Digits of a date of the years 1900 to 2099, alone or with hour, minute and second. */
  private static final Pattern DIGITS =
      Pattern.compile("((?:19|20)\\d{6}(?:\\d\\d){0,3})(?:\\.0*)?");

  /** What a date's digits lack of a time. */
  private static final String MIDNIGHT = "000000";

  private static final DateTimeFormatter OF_DIGITS =
      DateTimeFormatter.ofPattern("uuuuMMddHHmmss", Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);

  private Cells() {}

  /** Whether a cell of digits is none the less no number. */
  static boolean isCode(String cell) {
    return CODE.matcher(cell).matches();
  }

  /** Whether a cell is a number to a person, with a comma that {@link #number} does not read. */
  static boolean isCommaNumber(String cell) {
    return COMMA_NUMBER.matcher(cell).matches();
  }

  /** Whether a cell of a column of numbers says that there is none. */
  static boolean isMissingNumber(String cell) {
    return MISSING.contains(cell.toLowerCase(Locale.ROOT));
  }

  /** A finite number that the contract takes; empty if it is none. */
  static OptionalDouble number(String cell) {
    if (!NUMBER.matcher(cell).matches()) {
      return OptionalDouble.empty();
    }
    double number = Double.parseDouble(cell);
    return Math.abs(number) <= MAX_MAGNITUDE ? OptionalDouble.of(number) : OptionalDouble.empty();
  }

  /**
   * Epoch milliseconds of a time: ISO-8601, with a space in place of the T, or a date alone;
   * without a zone it is in UTC; or a number, as {@code times} says. Empty if it is none of the
   * years 0001 to 9999.
   */
  static OptionalLong timeMs(String cell, Times times) {
    OptionalDouble number = number(cell);
    if (number.isPresent() && times == Times.DIGITS) {
      return digitsMs(cell);
    }
    if (number.isPresent()) {
      double n = number.getAsDouble();
      return inRange(Math.round(Math.abs(n) < SECONDS_BELOW ? n * 1000 : n));
    }
    try {
      return inRange(instant(cell).toEpochMilli());
    } catch (DateTimeParseException | ArithmeticException e) {
      return OptionalLong.empty();
    }
  }

  /** Epoch milliseconds of the digits of a date, in UTC; empty if they are none. */
  static OptionalLong digitsMs(String cell) {
    Matcher matcher = DIGITS.matcher(cell);
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    String digits = matcher.group(1);
    String whole = digits + MIDNIGHT.substring(digits.length() - "20260131".length());
    try {
      return OptionalLong.of(
          LocalDateTime.parse(whole, OF_DIGITS).toInstant(ZoneOffset.UTC).toEpochMilli());
    } catch (DateTimeParseException e) {
      return OptionalLong.empty();
    }
  }

  private static Instant instant(String cell) {
    if (cell.length() <= "2026-11-30".length()) {
      return LocalDate.parse(cell).atStartOfDay().toInstant(ZoneOffset.UTC);
    }
    String withT = cell.charAt(10) == ' ' ? cell.substring(0, 10) + 'T' + cell.substring(11) : cell;
    TemporalAccessor time = TIME.parseBest(withT, OffsetDateTime::from, LocalDateTime::from);
    return time instanceof OffsetDateTime zoned
        ? zoned.toInstant()
        : LocalDateTime.from(time).toInstant(ZoneOffset.UTC);
  }

  private static OptionalLong inRange(long ms) {
    return ms >= MIN_MS && ms <= MAX_MS ? OptionalLong.of(ms) : OptionalLong.empty();
  }
}
