package dev.sluice.tool.savepoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.enrich.WaitingFixtures;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Reason;
import dev.sluice.ledger.OriginSet;
import dev.sluice.state.Uids;
import dev.sluice.support.WrittenSnapshot;
import dev.sluice.tool.audit.Bounds;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.shaded.guava33.com.google.common.hash.Hashing;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is stored of lookups under way is read back. */
class WaitingForLookupsTest {

  @TempDir Path directory;

  private final SavedModelFixtures given = new SavedModelFixtures();
  private final OriginSet expected = new OriginSet();

  @BeforeEach
  void expect() {
    expected.addRange("events", 0, 1, 3);
  }

  @ParameterizedTest
  @EnumSource(SavepointFormatType.class)
  void everyEventInFlightIsToldAndHeldForAnAudit(SavepointFormatType format) throws Exception {
    assertTold(format, Uids.LOOKUPS, WaitingFixtures.now(events()));
  }

  @ParameterizedTest
  @EnumSource(SavepointFormatType.class)
  void soIsWhatFlinksOwnOperatorStored(SavepointFormatType format) throws Exception {
    assertTold(format, Uids.EARLIER_LOOKUPS, WaitingFixtures.earlier(events()));
  }

  private void assertTold(SavepointFormatType format, String uid, OperatorSubtaskState waiting)
      throws Exception {
    String uri = write(CheckpointProperties.forSyncSavepoint(false, false, format));
    addLookups(Path.of(uri, "_metadata"), uid, waiting);

    assertThat(Snapshot.open(uri).waitingForLookups()).isEqualTo(expected);
    Bounds bounds = Bounds.ofSnapshot(uri);
    assertThat(bounds.heldKnown()).isTrue();
    for (long offset = 1; offset <= 3; offset++) {
      assertThat(bounds.held().contains(new Origin("events", 0, offset))).isTrue();
    }
  }

  @Test
  void aJobWithoutLookupsHasNoneUnderWay() throws Exception {
    CheckpointProperties stop =
        CheckpointProperties.forSyncSavepoint(false, false, SavepointFormatType.CANONICAL);
    assertThat(Snapshot.open(write(stop)).waitingForLookups().isEmpty()).isTrue();
  }

  private String write(CheckpointProperties properties) throws Exception {
    try (WrittenSnapshot written =
        new WrittenSnapshot(directory, new HashMapStateBackend(), false, given.meaning())) {
      return written.take(properties);
    }
  }

  private static void addLookups(Path file, String uid, OperatorSubtaskState waiting)
      throws Exception {
    CheckpointMetadata metadata;
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      metadata =
          Checkpoints.loadCheckpointMetadata(
              in, WaitingForLookupsTest.class.getClassLoader(), file.toString());
    }
    OperatorID id = new OperatorID(Hashing.murmur3_128(0).hashString(uid, UTF_8).asBytes());
    OperatorState enrich = new OperatorState(null, uid, id, 1, 128);
    enrich.putState(0, waiting);
    List<OperatorState> operators = new ArrayList<>(metadata.getOperatorStates());
    operators.add(enrich);
    store(metadata, operators, file);
  }

  private static void store(CheckpointMetadata old, List<OperatorState> operators, Path file)
      throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      Checkpoints.storeCheckpointMetadata(
          new CheckpointMetadata(
              old.getCheckpointId(), operators, List.of(), old.getCheckpointProperties()),
          out);
    }
  }

  private static Event[] events() {
    return new Event[] {
      observation(1), observation(2), new Malformed(raw(3), Reason.BAD_FIELD, "bad")
    };
  }

  private static Observation observation(long offset) {
    Features none = new Features(new String[0], new String[0], new double[0]);
    return new Observation(raw(offset), "id-" + offset, "k", 5, none);
  }

  private static RawRecord raw(long offset) {
    return new RawRecord(new Origin("events", 0, offset), offset, null, null);
  }
}
