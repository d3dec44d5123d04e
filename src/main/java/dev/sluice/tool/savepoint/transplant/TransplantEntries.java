package dev.sluice.tool.savepoint.transplant;

import dev.sluice.state.ModelStateSerializer;
import dev.sluice.state.Uids;
import dev.sluice.tool.savepoint.KeyedEntries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyValueStateIterator;
import org.jspecify.annotations.Nullable;

/**
 * Every entry of a range of key groups: the models of one snapshot, and what else another one holds
 * of its keys. Ordered by key group, then by state, as Flink's writer wants them. One key group is
 * in memory.
 */
final class TransplantEntries implements KeyValueStateIterator {

  private final KeyedEntries models;
  private final KeyedEntries rest;
  private final Map<String, Integer> stateIds;
  private final KeyGroupRange range;

  private List<Entry> group = List.of();
  private int nextGroup;
  private int next;
  private @Nullable Entry current;
  private boolean newGroup;
  private boolean newState;

  private record Entry(int keyGroup, int stateId, byte[] key, byte[] value) {}

  /**
   * Positions on the first entry.
   *
   * @param models where the models are taken from, and nothing else
   * @param rest where everything else is taken from
   * @param stateIds the number of each state
   * @throws IOException if a snapshot can't be read
   */
  TransplantEntries(
      KeyedEntries models, KeyedEntries rest, Map<String, Integer> stateIds, KeyGroupRange range)
      throws IOException {
    this.models = models;
    this.rest = rest;
    this.stateIds = stateIds;
    this.range = range;
    this.nextGroup = range.getStartKeyGroup();
    next();
  }

  @Override
  public void next() throws IOException {
    while (next == group.size() && nextGroup <= range.getEndKeyGroup()) {
      group = load(nextGroup++);
      next = 0;
    }
    Entry before = current;
    current = next < group.size() ? group.get(next++) : null;
    if (current != null) {
      newGroup = before == null || before.keyGroup != current.keyGroup;
      newState = before == null || newGroup || before.stateId != current.stateId;
    }
  }

  private List<Entry> load(int keyGroup) throws IOException {
    List<Entry> entries = new ArrayList<>();
    KeyGroupRange one = KeyGroupRange.of(keyGroup, keyGroup);
    models.each(one, taking(keyGroup, true, entries));
    rest.each(one, taking(keyGroup, false, entries));
    entries.sort(Comparator.comparingInt(Entry::stateId));
    return entries;
  }

  /** Takes a snapshot's models, or all but these. */
  private KeyedEntries.Visitor taking(int keyGroup, boolean models, List<Entry> entries) {
    return (state, key, value) -> {
      if (state.equals(Uids.MODEL_STATE) == models) {
        Integer id = stateIds.get(state);
        if (id == null) {
          throw new IOException("the state (%s) has no number".formatted(state));
        }
        entries.add(
            new Entry(keyGroup, id, key, models ? ModelStateSerializer.withoutTime(value) : value));
      }
    };
  }

  private Entry entry() {
    if (current == null) {
      throw new UncheckedIOException(new IOException("there is no entry any more"));
    }
    return current;
  }

  @Override
  public int keyGroup() {
    return entry().keyGroup;
  }

  @Override
  public byte[] key() {
    return entry().key;
  }

  @Override
  public byte[] value() {
    return entry().value;
  }

  @Override
  public int kvStateId() {
    return entry().stateId;
  }

  @Override
  public boolean isNewKeyValueState() {
    return newState;
  }

  @Override
  public boolean isNewKeyGroup() {
    return newGroup;
  }

  @Override
  public boolean isValid() {
    return current != null;
  }

  @Override
  public void close() {}
}
