package dev.sluice.codec;

/**
 * Reads times of the form {@code 2001-01-01T00:01:00.000+01:00}: ISO-8601 in its extended form with
 * an offset, {@code Z} or {@code ±hh:mm}; seconds and their fraction may be left out. Finer
 * fractions than milliseconds are cut. Neither allocates nor throws.
 */
final class IsoTime {

  /** The result for a text that is no such time. */
  static final long INVALID = Long.MIN_VALUE;

  private static final long MIN_MS = -62_135_596_800_000L;
  private static final long MAX_MS = 253_402_300_799_999L;
  private static final int MAX_OFFSET_HOURS = 18;
  private static final int[] DAYS_IN_MONTH = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

  private IsoTime() {}

  /** Whether the time lies within the years 0001 to 9999 in UTC. */
  static boolean isInRange(long epochMs) {
    return epochMs >= MIN_MS && epochMs <= MAX_MS;
  }

  /** The epoch milliseconds, or {@link #INVALID}. */
  static long parseMs(char[] text, int from, int length) {
    int end = from + length;
    int zone = zoneStart(text, from, end);
    if (zone < 0) {
      return INVALID;
    }
    long date = dateMs(text, from);
    long time = timeMs(text, from + 11, zone);
    long offset = offsetMs(text, zone, end);
    if (date == INVALID || time == INVALID || offset == INVALID || text[from + 10] != 'T') {
      return INVALID;
    }
    long ms = date + time - offset;
    return isInRange(ms) ? ms : INVALID;
  }

  /** The position of {@code Z} or the offset's sign, or -1. */
  private static int zoneStart(char[] text, int from, int end) {
    if (end - from < "2001-01-01T00:00Z".length()) {
      return -1;
    }
    if (text[end - 1] == 'Z') {
      return end - 1;
    }
    int sign = end - "+00:00".length();
    return sign >= from + "2001-01-01T00:00".length() && (text[sign] == '+' || text[sign] == '-')
        ? sign
        : -1;
  }

  private static long dateMs(char[] text, int i) {
    int century = twoDigits(text, i);
    int rest = twoDigits(text, i + 2);
    int month = twoDigits(text, i + 5);
    int day = twoDigits(text, i + 8);
    if (century < 0 || rest < 0 || text[i + 4] != '-' || text[i + 7] != '-') {
      return INVALID;
    }
    int year = century * 100 + rest;
    if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) {
      return INVALID;
    }
    return epochDay(year, month, day) * 86_400_000L;
  }

  private static int daysIn(int year, int month) {
    boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : DAYS_IN_MONTH[month - 1];
  }

  /** Days since 1970-01-01 in the Gregorian calendar, years counted from March. */
  private static long epochDay(int year, int month, int day) {
    int y = month > 2 ? year : year - 1;
    int monthFromMarch = (month + 9) % 12;
    int dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1;
    long leapDays = (long) Math.floorDiv(y, 4) - Math.floorDiv(y, 100) + Math.floorDiv(y, 400);
    return 365L * y + leapDays + dayOfYear - 719_468L;
  }

  private static long timeMs(char[] text, int i, int end) {
    int hour = twoDigits(text, i);
    int minute = twoDigits(text, i + 3);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || text[i + 2] != ':') {
      return INVALID;
    }
    long ms = (hour * 60L + minute) * 60_000L;
    if (end == i + 5) {
      return ms;
    }
    if (end < i + 8 || text[i + 5] != ':') {
      return INVALID;
    }
    int second = twoDigits(text, i + 6);
    long fraction = end == i + 8 ? 0 : fractionMs(text, i + 8, end);
    return second < 0 || second > 59 || fraction == INVALID
        ? INVALID
        : ms + second * 1000L + fraction;
  }

  private static long fractionMs(char[] text, int dot, int end) {
    int digits = end - dot - 1;
    if (text[dot] != '.' || digits < 1 || digits > 9) {
      return INVALID;
    }
    long ms = 0;
    for (int i = dot + 1; i < end; i++) {
      int digit = text[i] - '0';
      if (digit < 0 || digit > 9) {
        return INVALID;
      }
      ms = i <= dot + 3 ? ms * 10 + digit : ms;
    }
    return switch (digits) {
      case 1 -> ms * 100;
      case 2 -> ms * 10;
      default -> ms;
    };
  }

  private static long offsetMs(char[] text, int i, int end) {
    if (i == end - 1) {
      return 0;
    }
    int hours = twoDigits(text, i + 1);
    int minutes = twoDigits(text, i + 4);
    if (hours < 0 || minutes < 0 || minutes > 59 || text[i + 3] != ':') {
      return INVALID;
    }
    if (hours > MAX_OFFSET_HOURS || (hours == MAX_OFFSET_HOURS && minutes > 0)) {
      return INVALID;
    }
    long ms = (hours * 60L + minutes) * 60_000L;
    return text[i] == '-' ? -ms : ms;
  }

  /** The number in two ASCII digits, or a negative number. */
  private static int twoDigits(char[] text, int i) {
    int tens = text[i] - '0';
    int ones = text[i + 1] - '0';
    return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
  }
}
