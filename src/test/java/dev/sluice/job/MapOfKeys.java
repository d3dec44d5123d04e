package dev.sluice.job;

import dev.sluice.model.Pending;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.state.MapState;
import org.jspecify.annotations.Nullable;

/** A keyed map state of one task, which counts how often it is asked. */
final class MapOfKeys implements MapState<String, Pending> {

  /** By key, then by id; no key has an empty map. */
  final Map<String, Map<String, Pending>> all = new TreeMap<>();

  String key = "";
  int gets;
  int puts;
  int removes;
  int scans;

  private Map<String, Pending> mine() {
    return all.getOrDefault(key, Map.of());
  }

  int operations() {
    return gets + puts + removes + scans;
  }

  @Override
  public @Nullable Pending get(String id) {
    gets++;
    return mine().get(id);
  }

  @Override
  public void put(String id, Pending half) {
    puts++;
    all.computeIfAbsent(key, k -> new TreeMap<>()).put(id, half);
  }

  @Override
  public void putAll(Map<String, Pending> halves) {
    halves.forEach(this::put);
  }

  @Override
  public void remove(String id) {
    removes++;
    Map<String, Pending> mine = all.get(key);
    if (mine != null) {
      mine.remove(id);
      if (mine.isEmpty()) {
        all.remove(key);
      }
    }
  }

  @Override
  public boolean contains(String id) {
    return get(id) != null;
  }

  @Override
  public Iterable<Map.Entry<String, Pending>> entries() {
    scans++;
    return mine().entrySet();
  }

  @Override
  public Iterable<String> keys() {
    scans++;
    return mine().keySet();
  }

  @Override
  public Iterable<Pending> values() {
    scans++;
    return mine().values();
  }

  @Override
  public Iterator<Map.Entry<String, Pending>> iterator() {
    return entries().iterator();
  }

  @Override
  public boolean isEmpty() {
    gets++;
    return mine().isEmpty();
  }

  @Override
  public void clear() {
    all.remove(key);
  }
}
