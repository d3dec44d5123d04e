package dev.sluice.ledger;

import dev.sluice.state.SluiceTypes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.jspecify.annotations.Nullable;

/**
 * A completed snapshot of the simulated job.
 *
 * @param id its checkpoint id; branches of a job's life may have used it twice
 * @param previous the completed snapshot before it, of the same attempt or the one restored
 * @param positions of each input partition the number of inputs that the sources had read
 * @param parts what each subtask stored
 */
record Snapshot(long id, @Nullable Snapshot previous, int[] positions, List<Part> parts) {

  /**
   * What one subtask stored.
   *
   * @param note given to all subtasks on a restore
   * @param open each given to any one subtask
   * @param ahead given to all; null for all subtasks but the first
   * @param pending the sink's pre-committed transactions, each given to any one subtask
   * @param held inputs that are not answered yet, given by key
   */
  record Part(
      FenceNote note,
      List<OpenInterval> open,
      @Nullable OriginSet ahead,
      List<Transaction> pending,
      List<Input> held) {

    /** With what the fence stores as a savepoint would give it back. */
    Part throughBytes() {
      return new Part(
          copy(SluiceTypes.FENCE_NOTE, note),
          open.stream().map(interval -> copy(SluiceTypes.OPEN_INTERVAL, interval)).toList(),
          ahead == null ? null : copy(SluiceTypes.ORIGIN_SET, ahead),
          pending,
          held);
    }

    private static <T> T copy(TypeInformation<T> type, T value) {
      TypeSerializer<T> serializer = type.createSerializer(new SerializerConfigImpl());
      DataOutputSerializer out = new DataOutputSerializer(64);
      try {
        serializer.serialize(value, out);
        return serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The newest snapshot of its own past that is older than the given id; null for none. */
  @Nullable Snapshot before(long checkpointId) {
    Snapshot found = this;
    while (found != null && found.id >= checkpointId) {
      found = found.previous;
    }
    return found;
  }
}
