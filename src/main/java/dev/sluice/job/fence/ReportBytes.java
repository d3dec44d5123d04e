package dev.sluice.job.fence;

import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.FenceReport;
import dev.sluice.ledger.OpenInterval;
import dev.sluice.ledger.OriginSet;
import dev.sluice.state.FenceNoteSerializer;
import dev.sluice.state.OpenIntervalSerializer;
import dev.sluice.state.OriginSetSerializer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** A report on its way from a TaskManager to the JobManager; never stored. */
final class ReportBytes {

  private ReportBytes() {}

  static byte[] write(FenceReport report) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(1024);
    new FenceNoteSerializer().serialize(report.note(), out);
    new OriginSetSerializer().serialize(report.committed(), out);
    out.writeInt(report.open().size());
    for (OpenInterval interval : report.open()) {
      new OpenIntervalSerializer().serialize(interval, out);
    }
    out.writeInt(report.problems().size());
    for (String problem : report.problems()) {
      out.writeUTF(problem);
    }
    return out.getCopyOfBuffer();
  }

  static FenceReport read(byte[] bytes) throws IOException {
    DataInputDeserializer in = new DataInputDeserializer(bytes);
    FenceNote note = new FenceNoteSerializer().deserialize(in);
    OriginSet committed = new OriginSetSerializer().deserialize(in);
    List<OpenInterval> open = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      open.add(new OpenIntervalSerializer().deserialize(in));
    }
    List<String> problems = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      problems.add(in.readUTF());
    }
    return new FenceReport(note, open, committed, problems);
  }
}
