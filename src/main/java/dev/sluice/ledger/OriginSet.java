package dev.sluice.ledger;

import dev.sluice.event.Origin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.longlong.LongIterator;
import org.roaringbitmap.longlong.Roaring64NavigableMap;

/**
 * A set of origins: one compressed bitmap for each input partition. Neighbouring offsets cost
 * almost nothing, scattered ones two bytes each, and never more than a bit for each offset of their
 * range: 100 million inputs fit into 12.5 MB at worst. Mutable; belongs to one thread.
 *
 * <p>Compression: Lemire, Ssi-Yan-Kai, Kaser, "Consistently faster and smaller compressed bitmaps
 * with Roaring", Software: Practice and Experience 46(11), 2016.
 */
public final class OriginSet {

  /** By topic, then by partition number; null where nothing was added yet. */
  private final Map<String, List<@Nullable Roaring64NavigableMap>> topics = new HashMap<>();

  public void add(Origin origin) {
    partition(origin.topic(), origin.partition()).addLong(origin.offset());
  }

  /** Adds all offsets from {@code first} to {@code last}, both included. */
  public void addRange(String topic, int partition, long first, long last) {
    partition(topic, partition).addRange(first, last + 1);
  }

  /** Adds what another set holds. */
  public void addAll(OriginSet other) {
    other.partitions().forEach((p, offsets) -> partition(p.topic(), p.partition()).or(offsets));
  }

  /** Removes what another set holds. */
  public void removeAll(OriginSet other) {
    other
        .partitions()
        .forEach(
            (p, offsets) -> {
              Roaring64NavigableMap mine = existing(p.topic(), p.partition());
              if (mine != null) {
                mine.andNot(offsets);
                dropEmptyBuckets(mine, offsets);
              }
            });
  }

  /**
   * A bitmap keeps a bucket for each 2^32 offsets. {@code andNot} leaves empty ones behind, on
   * which {@code last} fails and which equal no bitmap without them; {@code removeLong} drops them.
   */
  private static void dropEmptyBuckets(
      Roaring64NavigableMap offsets, Roaring64NavigableMap removed) {
    long below = 0;
    while (below < removed.getLongCardinality()) {
      long offset = removed.select(below);
      offsets.removeLong(offset);
      below = removed.rankLong(offset | 0xFFFF_FFFFL);
    }
  }

  /** Whether it holds an origin. */
  public boolean contains(Origin origin) {
    Roaring64NavigableMap offsets = existing(origin.topic(), origin.partition());
    return offsets != null && offsets.contains(origin.offset());
  }

  /** Whether it holds nothing. */
  public boolean isEmpty() {
    return partitions().isEmpty();
  }

  /** How many origins it holds. */
  public long size() {
    return partitions().values().stream()
        .mapToLong(Roaring64NavigableMap::getLongCardinality)
        .sum();
  }

  /** The highest offset of each input partition of which it holds any. */
  public SortedMap<Partition, Long> highest() {
    SortedMap<Partition, Long> highest = new TreeMap<>();
    partitions().forEach((p, offsets) -> highest.put(p, offsets.last()));
    return highest;
  }

  /** How many of its origins are above the given offsets; all of a partition without one do. */
  public long sizeAbove(Map<Partition, Long> offsets) {
    long above = 0;
    for (Map.Entry<Partition, Roaring64NavigableMap> e : partitions().entrySet()) {
      Long offset = offsets.get(e.getKey());
      long all = e.getValue().getLongCardinality();
      above += offset == null ? all : all - e.getValue().rankLong(offset);
    }
    return above;
  }

  /** Takes the least memory; worthwhile when no more is to be added soon. */
  public OriginSet compress() {
    partitions().values().forEach(Roaring64NavigableMap::runOptimize);
    return this;
  }

  /** A set of its own with the same origins. */
  public OriginSet copy() {
    OriginSet copy = new OriginSet();
    copy.addAll(this);
    return copy;
  }

  /** The bitmap of each input partition that has any origin, in order; to be read, not changed. */
  public SortedMap<Partition, Roaring64NavigableMap> partitions() {
    SortedMap<Partition, Roaring64NavigableMap> found = new TreeMap<>();
    topics.forEach(
        (topic, partitions) -> {
          for (int i = 0; i < partitions.size(); i++) {
            Roaring64NavigableMap offsets = partitions.get(i);
            if (offsets != null && !offsets.isEmpty()) {
              found.put(new Partition(topic, i), offsets);
            }
          }
        });
    return found;
  }

  /** Takes a partition's offsets as its own, in place of any that it had. */
  public void put(Partition partition, Roaring64NavigableMap offsets) {
    partition(partition.topic(), partition.partition()).clear();
    partition(partition.topic(), partition.partition()).or(offsets);
  }

  /**
   * For people: {@code sluice.events/0: 1000-1999, 2005 (1,001)}, one partition after the other.
   *
   * @param most ranges to name for each partition, the rest is only counted
   */
  public String ranges(int most) {
    List<String> texts = new ArrayList<>();
    partitions()
        .forEach(
            (p, offsets) ->
                texts.add(
                    "%s: %s (%,d)"
                        .formatted(p, ranges(offsets, most), offsets.getLongCardinality())));
    return texts.isEmpty() ? "none" : String.join("; ", texts);
  }

  private static String ranges(Roaring64NavigableMap offsets, int most) {
    List<String> ranges = new ArrayList<>();
    LongIterator each = offsets.getLongIterator();
    long first = each.next();
    long last = first;
    while (ranges.size() < most) {
      long next = each.hasNext() ? each.next() : -1;
      if (next != last + 1) {
        ranges.add(first == last ? "" + first : first + "-" + last);
        first = next;
      }
      if (next < 0) {
        return String.join(", ", ranges);
      }
      last = next;
    }
    return String.join(", ", ranges) + ", …";
  }

  private Roaring64NavigableMap partition(String topic, int partition) {
    Roaring64NavigableMap offsets = existing(topic, partition);
    if (offsets != null) {
      return offsets;
    }
    List<@Nullable Roaring64NavigableMap> partitions =
        topics.computeIfAbsent(topic, t -> new ArrayList<>());
    while (partitions.size() <= partition) {
      partitions.add(null);
    }
    Roaring64NavigableMap empty = new Roaring64NavigableMap(false, false);
    partitions.set(partition, empty);
    return empty;
  }

  private @Nullable Roaring64NavigableMap existing(String topic, int partition) {
    List<@Nullable Roaring64NavigableMap> partitions = topics.get(topic);
    return partitions == null || partition >= partitions.size() ? null : partitions.get(partition);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof OriginSet that && partitions().equals(that.partitions());
  }

  @Override
  public int hashCode() {
    return partitions().keySet().hashCode();
  }

  @Override
  public String toString() {
    return ranges(10);
  }
}
