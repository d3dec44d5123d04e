package dev.sluice.tool.savepoint;

import dev.sluice.model.Pending;
import dev.sluice.state.Uids;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Brings together what the states hold of a key: one key group's models at a time, as bytes. */
final class KeyJoiner implements KeyedEntries.Visitor {

  private final EntryFormat format;
  private final KeyVisitor visitor;
  private final Map<String, Parts> keys = new LinkedHashMap<>();

  KeyJoiner(EntryFormat format, KeyVisitor visitor) {
    this.format = format;
    this.visitor = visitor;
  }

  @Override
  public void entry(String state, byte[] key, byte[] value) throws IOException {
    if (state.equals(Uids.MODEL_STATE)) {
      Parts parts = parts(key, value);
      parts.model = value;
    } else if (state.equals(Uids.PENDING_STATE)) {
      Parts parts = parts(key, value);
      if (format.pending(value) instanceof Pending.EarlyOutcome) {
        parts.waitingOutcomes++;
      } else {
        parts.pendingObservations++;
      }
    }
  }

  @Override
  public void endOfKeyGroup() throws IOException {
    for (Map.Entry<String, Parts> entry : keys.entrySet()) {
      Parts parts = entry.getValue();
      visitor.visit(
          new SavedKey(
              entry.getKey(),
              parts.model == null ? null : format.model(parts.model),
              parts.pendingObservations,
              parts.waitingOutcomes,
              parts.bytes));
    }
    keys.clear();
  }

  private Parts parts(byte[] key, byte[] value) throws IOException {
    Parts parts = keys.computeIfAbsent(format.key(key), k -> new Parts());
    parts.bytes += value.length;
    return parts;
  }

  private static final class Parts {
    private byte @Nullable [] model;
    private int pendingObservations;
    private int waitingOutcomes;
    private long bytes;
  }
}
