package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputDeserializer;

/**
 * Whatever the bytes are, a serializer reads a value that it writes and reads again, or throws an
 * IOException: nothing else, and never more memory than the bytes call for.
 */
class StateFuzzTest {

  @FuzzTest
  void events(byte[] bytes) throws IOException {
    readOrRefuse(new EventSerializer(), bytes);
  }

  @FuzzTest
  void outputRecords(byte[] bytes) throws IOException {
    readOrRefuse(new OutputRecordSerializer(), bytes);
  }

  @FuzzTest
  void modelStates(byte[] bytes) throws IOException {
    readOrRefuse(new ModelStateSerializer(), bytes);
  }

  @FuzzTest
  void pendings(byte[] bytes) throws IOException {
    readOrRefuse(new PendingSerializer(), bytes);
  }

  @FuzzTest
  void originSets(byte[] bytes) throws IOException {
    readOrRefuse(new OriginSetSerializer(), bytes);
  }

  @FuzzTest
  void openIntervals(byte[] bytes) throws IOException {
    readOrRefuse(new OpenIntervalSerializer(), bytes);
  }

  @FuzzTest
  void fenceNotes(byte[] bytes) throws IOException {
    readOrRefuse(new FenceNoteSerializer(), bytes);
  }

  @FuzzTest
  void answerJournals(byte[] bytes) throws IOException {
    readOrRefuse(new AnswerJournalSerializer(), bytes);
  }

  @FuzzTest
  void controlRecords(byte[] bytes) throws IOException {
    readOrRefuse(new ControlRecordSerializer(), bytes);
  }

  @FuzzTest
  void standingOrders(byte[] bytes) throws IOException {
    readOrRefuse(new StandingOrdersSerializer(), bytes);
  }

  static <T> void readOrRefuse(VersionedSerializer<T> serializer, byte[] bytes) throws IOException {
    T value;
    try {
      value = serializer.deserialize(new DataInputDeserializer(bytes));
    } catch (IOException e) {
      return;
    }
    byte[] written = Bytes.write(serializer, value);
    T again = Bytes.read(serializer, written);
    assertThat(SameValue.same(again, value)).isTrue();
    assertThat(Bytes.write(serializer, again)).isEqualTo(written);
  }
}
