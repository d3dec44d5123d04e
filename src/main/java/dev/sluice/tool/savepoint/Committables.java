package dev.sluice.tool.savepoint;

import dev.sluice.ledger.PendingTransaction;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerialization;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.metrics.groups.SinkCommitterMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.metrics.groups.InternalSinkCommitterMetricGroup;
import org.apache.flink.streaming.runtime.operators.sink.committables.CommittableCollectorSerializer;

/** Takes the Kafka transactions out of what Flink's committer stores. */
final class Committables {

  private static final SinkCommitterMetricGroup NO_METRICS =
      InternalSinkCommitterMetricGroup.wrap(UnregisteredMetricsGroup.createOperatorMetricGroup());

  private Committables() {}

  /**
   * Every transaction, by name.
   *
   * @param stored the elements of the committer's state
   * @throws IOException if they are of an unknown version
   */
  static List<PendingTransaction> of(List<byte[]> stored) throws IOException {
    Noting found = new Noting();
    CommittableCollectorSerializer<PendingTransaction> serializer =
        new CommittableCollectorSerializer<>(found, 0, 1, NO_METRICS);
    for (byte[] element : stored) {
      SimpleVersionedSerialization.readVersionAndDeSerialize(serializer, element);
    }
    found.all.sort(Comparator.comparing(PendingTransaction::transactionalId));
    return List.copyOf(found.all);
  }

  /**
   * The Kafka connector's format of a committable; Flink's collector does not expose what it read.
   */
  private static final class Noting implements SimpleVersionedSerializer<PendingTransaction> {

    private static final int VERSION = 1;

    private final List<PendingTransaction> all = new ArrayList<>();

    @Override
    public int getVersion() {
      return VERSION;
    }

    @Override
    public byte[] serialize(PendingTransaction committable) {
      throw new UnsupportedOperationException("committables are only read here");
    }

    @Override
    public PendingTransaction deserialize(int version, byte[] bytes) throws IOException {
      if (version != VERSION) {
        throw new IOException(
            "a pending transaction is stored in the unknown version (%s)".formatted(version));
      }
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
      short epoch = in.readShort();
      long producerId = in.readLong();
      PendingTransaction committable = new PendingTransaction(in.readUTF(), producerId, epoch);
      all.add(committable);
      return committable;
    }
  }
}
