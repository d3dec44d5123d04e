package dev.sluice.fence;

import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.FenceReport;
import dev.sluice.ledger.OpenInterval;
import dev.sluice.state.AnswerJournalSerializer;
import dev.sluice.state.FenceNoteSerializer;
import dev.sluice.state.OpenIntervalSerializer;
import dev.sluice.state.OriginSetSerializer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** What travels between the fence's subtasks and their coordinator; never stored. */
final class ReportBytes {

  private ReportBytes() {}

  static byte[] write(FenceReport report) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(1024);
    new FenceNoteSerializer().serialize(report.note(), out);
    writeAhead(report.committed(), out);
    writeAhead(report.restored(), out);
    out.writeLong(report.foreign().records());
    writeTexts(report.foreign().examples(), out);
    out.writeInt(report.open().size());
    for (OpenInterval interval : report.open()) {
      new OpenIntervalSerializer().serialize(interval, out);
    }
    writeTexts(report.problems(), out);
    return out.getCopyOfBuffer();
  }

  static FenceReport read(byte[] bytes) throws IOException {
    DataInputDeserializer in = new DataInputDeserializer(bytes);
    FenceNote note = new FenceNoteSerializer().deserialize(in);
    AheadAnswers committed = readAhead(in);
    AheadAnswers restored = readAhead(in);
    FenceReport.Foreign foreign = new FenceReport.Foreign(in.readLong(), readTexts(in));
    List<OpenInterval> open = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      open.add(new OpenIntervalSerializer().deserialize(in));
    }
    return new FenceReport(note, open, committed, restored, foreign, readTexts(in));
  }

  private static void writeTexts(List<String> texts, DataOutputSerializer out) throws IOException {
    out.writeInt(texts.size());
    for (String text : texts) {
      out.writeUTF(text);
    }
  }

  private static List<String> readTexts(DataInputDeserializer in) throws IOException {
    List<String> texts = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      texts.add(in.readUTF());
    }
    return texts;
  }

  static byte[] writeAhead(AheadAnswers ahead) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(1024);
    writeAhead(ahead, out);
    return out.getCopyOfBuffer();
  }

  static AheadAnswers readAhead(byte[] bytes) throws IOException {
    return readAhead(new DataInputDeserializer(bytes));
  }

  private static void writeAhead(AheadAnswers ahead, DataOutputSerializer out) throws IOException {
    new OriginSetSerializer().serialize(ahead.origins(), out);
    new AnswerJournalSerializer().serialize(ahead.journal(), out);
  }

  private static AheadAnswers readAhead(DataInputDeserializer in) throws IOException {
    return new AheadAnswers(
        new OriginSetSerializer().deserialize(in), new AnswerJournalSerializer().deserialize(in));
  }
}
