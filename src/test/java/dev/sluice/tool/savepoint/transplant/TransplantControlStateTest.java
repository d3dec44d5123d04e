package dev.sluice.tool.savepoint.transplant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.control.ControlState;
import dev.sluice.event.Command.Part;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import dev.sluice.tool.savepoint.OperatorLists;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.StateObjectCollection;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.OperatorStateBackend;
import org.apache.flink.runtime.state.filesystem.FsCheckpointStreamFactory;
import org.apache.flink.util.function.ThrowingConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransplantControlStateTest {

  @TempDir java.nio.file.Path directory;

  private final ControlState then = new ControlState();
  private ControlState now = new ControlState();

  @BeforeEach
  void command() {
    then.serve("champion");
    then.reset("LAS");
    now = then.copy();
    now.serve("best");
    now.reset(null);
    now.promoted(false);
    now.pause(Part.SCORING, "JFK");
  }

  /** By the newest numbers the older models would be reset. */
  @Test
  void commandsThatCameAfterTheModelsAreNotFollowedByThem() {
    ControlState mixed = TransplantControlState.mix(then, now);
    for (String key : List.of("LAS", "JFK")) {
      assertThat(now.generationOf(key)).isGreaterThan(then.generationOf(key));
      assertThat(mixed.generationOf(key)).isEqualTo(then.generationOf(key));
      assertThat(mixed.resetOf(key)).isEqualTo(then.resetOf(key));
    }
    assertThat(mixed.policy()).isEqualTo("champion");
    mixed.reset("LAS");
    assertThat(mixed.resetOf("LAS")).as("the next").isGreaterThan(now.generationOf("LAS"));
  }

  @Test
  void pausesStayAsTheyAreNow() {
    ControlState mixed = TransplantControlState.mix(then, now);
    assertThat(mixed.scoring().holds("JFK")).isTrue();
    assertThat(mixed.scoring().holds("LAS")).isFalse();
    mixed.resume(Part.SCORING, null);
    assertThat(now.scoring().holds("JFK")).as("of the newest").isTrue();
  }

  @Test
  void theyAreReadAndWrittenAsTheJobStoresThem() throws Exception {
    OperatorState mixed = stored(TransplantControlState.of(stored(then), stored(now))::putInto);
    assertThat(read(mixed))
        .singleElement()
        .satisfies(
            orders -> {
              assertThat(orders.policy()).isEqualTo("champion");
              assertThat(orders.numbers().last()).isEqualTo(now.numbers().last());
              assertThat(orders.numbers().everyKeyReset()).isZero();
              assertThat(orders.keyResets()).isEqualTo(then.keyResets());
              assertThat(orders.scoring().keys()).containsExactly("JFK");
            });
  }

  @Test
  void snapshotsFromBeforeThereWereCommandsNeedNone() throws Exception {
    OperatorState none = stored(backend -> {});
    assertThat(read(stored(TransplantControlState.of(none, none)::putInto))).isEmpty();
    assertThat(read(stored(TransplantControlState.of(none, stored(now))::putInto)))
        .singleElement()
        .satisfies(
            orders -> {
              assertThat(orders.policy()).isNull();
              assertThat(orders.generationOf("LAS")).isZero();
              assertThat(orders.scoring().holds("JFK")).isTrue();
            });
  }

  private OperatorState stored(ControlState orders) throws IOException {
    return stored(
        backend ->
            backend
                .getUnionListState(
                    new ListStateDescriptor<>(Uids.ORDERS_STATE, SluiceTypes.STANDING_ORDERS))
                .update(List.of(orders)));
  }

  private OperatorState stored(ThrowingConsumer<OperatorStateBackend, Exception> put)
      throws IOException {
    Path files = new Path(directory.toUri());
    TransplantLists lists =
        new TransplantLists(
            new FsCheckpointStreamFactory(files.getFileSystem(), files, files, 0, 4096));
    OperatorState operator = new OperatorState(null, null, new OperatorID(1, 2), 1, 128);
    operator.putState(
        0,
        OperatorSubtaskState.builder()
            .setManagedOperatorState(
                StateObjectCollection.singletonOrEmpty(lists.write(List.of(), 1, put)))
            .build());
    return operator;
  }

  private static List<ControlState> read(OperatorState operator) throws IOException {
    return new OperatorLists(operator).read(Uids.ORDERS_STATE, SluiceTypes.STANDING_ORDERS);
  }
}
