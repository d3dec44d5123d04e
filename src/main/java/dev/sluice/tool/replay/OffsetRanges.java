package dev.sluice.tool.replay;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Offsets of one partition, as ranges. Mutable; belongs to one thread. */
final class OffsetRanges {

  private static final int RADIX = 36;

  /** From the end of the range before to the first offset, and how many; both in base 36. */
  private static final Pattern RANGE = Pattern.compile("([0-9a-z]{1,12})\\+([0-9a-z]{1,12})");

  /** The end, exclusive, of each range by its first offset. No two touch. */
  private final TreeMap<Long, Long> ends = new TreeMap<>();

  void add(long offset) {
    addRange(offset, offset + 1);
  }

  private void addRange(long first, long end) {
    Map.Entry<Long, Long> before = ends.floorEntry(first);
    long from = before != null && before.getValue() >= first ? before.getKey() : first;
    NavigableMap<Long, Long> touched = ends.subMap(from, true, end, true);
    long to = Math.max(end, touched.isEmpty() ? end : touched.lastEntry().getValue());
    touched.clear();
    ends.put(from, to);
  }

  boolean contains(long offset) {
    Map.Entry<Long, Long> range = ends.floorEntry(offset);
    return range != null && offset < range.getValue();
  }

  /** The lowest offset; empty if there is none. */
  OptionalLong first() {
    return ends.isEmpty() ? OptionalLong.empty() : OptionalLong.of(ends.firstKey());
  }

  /** Those that are not below an offset, as a set of its own. */
  OffsetRanges from(long offset) {
    OffsetRanges rest = new OffsetRanges();
    ends.forEach(
        (first, end) -> {
          if (end > offset) {
            rest.addRange(Math.max(first, offset), end);
          }
        });
    return rest;
  }

  /** Adds those of another set. */
  OffsetRanges with(OffsetRanges other) {
    other.ends.forEach(this::addRange);
    return this;
  }

  /** As text; of none it is empty. */
  String text() {
    List<String> ranges = new ArrayList<>();
    long at = 0;
    for (Map.Entry<Long, Long> range : ends.entrySet()) {
      ranges.add(
          Long.toString(range.getKey() - at, RADIX)
              + "+"
              + Long.toString(range.getValue() - range.getKey(), RADIX));
      at = range.getValue();
    }
    return String.join(",", ranges);
  }

  /** Of such a text; empty if it is none. */
  static Optional<OffsetRanges> parse(String text) {
    OffsetRanges ranges = new OffsetRanges();
    if (text.isEmpty()) {
      return Optional.of(ranges);
    }
    long at = 0;
    for (String range : text.split(",", -1)) {
      Matcher parts = RANGE.matcher(range);
      if (!parts.matches()) {
        return Optional.empty();
      }
      long first = at + Long.parseLong(parts.group(1), RADIX);
      long end = first + Long.parseLong(parts.group(2), RADIX);
      if (first < at || end <= first) {
        return Optional.empty(); // it overflows
      }
      ranges.addRange(first, end);
      at = end;
    }
    return Optional.of(ranges);
  }

  @Override
  public String toString() {
    return ends.toString();
  }
}
