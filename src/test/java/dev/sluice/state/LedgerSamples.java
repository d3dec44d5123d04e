package dev.sluice.state;

import dev.sluice.event.Origin;
import dev.sluice.ledger.AnswerJournal;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.OpenInterval;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** One value of every shape of what the restore fence stores. */
final class LedgerSamples {

  private LedgerSamples() {}

  static OriginSet[] originSets() {
    return new OriginSet[] {new OriginSet(), one(), several()};
  }

  static OpenInterval[] openIntervals() {
    return new OpenInterval[] {
      new OpenInterval(7, one()), new OpenInterval(Long.MAX_VALUE, several()),
    };
  }

  static FenceNote[] fenceNotes() {
    return new FenceNote[] {
      new FenceNote("0123456789abcdef0123456789abcdef", 7, 5, true, ends(), passed()),
      new FenceNote("", 1, 0, false, new TreeMap<>(), new TreeMap<>()),
    };
  }

  static AnswerJournal[] answerJournals() {
    AnswerJournal journal = new AnswerJournal();
    journal.noteAll(one(), 3);
    journal.noteAll(several(), 1L << 40);
    journal.noteReply(new Origin("sluice.control", 0, 2), new byte[] {'{', '}'});
    journal.noteReply(new Origin("sluice.control", 0, 10), new byte[0]);
    return new AnswerJournal[] {new AnswerJournal(), journal};
  }

  private static OriginSet one() {
    OriginSet set = new OriginSet();
    set.add(new Origin("sluice.events", 3, 41));
    return set;
  }

  /** Runs, an array, a bitmap, offsets beyond 2^32, two topics. */
  private static OriginSet several() {
    OriginSet set = new OriginSet();
    set.addRange("sluice.events", 0, 1_000, 1_999);
    for (int i = 0; i < 5_000; i++) {
      set.add(new Origin("sluice.events", 2, 100_000L + i * 7L));
    }
    set.add(new Origin("sluice.events", 3, 1L << 40));
    set.addRange("Zürich", 1, (1L << 32) - 2, (1L << 32) + 1);
    return set.compress();
  }

  private static SortedMap<Partition, Long> ends() {
    return new TreeMap<>(
        Map.of(
            new Partition("sluice.predictions", 0), 12L,
            new Partition("sluice.predictions", 1), 0L,
            new Partition("sluice.evaluations", 0), 1L << 40));
  }

  private static SortedMap<Partition, Long> passed() {
    return new TreeMap<>(Map.of(new Partition("sluice.events", 3), 1L << 33));
  }
}
