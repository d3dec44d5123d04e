package dev.sluice.tool.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.codec.Headers;
import dev.sluice.event.Origin;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.tool.audit.AuditReport.Anomaly;
import dev.sluice.tool.audit.AuditReport.Finding;
import dev.sluice.tool.audit.Input.Span;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The book against a model that does the same with one list entry for each record. */
class AuditPropertyTest {

  private static final int MOST = 5;

  private final EnumMap<Anomaly, Long> expected = new EnumMap<>(Anomaly.class);

  static LongStream seeds() {
    return LongStream.range(0, 300);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void theBookCountsWhatTheModelCounts(long seed) {
    Random random = new Random(seed);
    boolean stopped = random.nextBoolean();
    SortedMap<Partition, Span> spans = new TreeMap<>();
    List<Origin> inputs = new ArrayList<>();
    List<Origin> answers = new ArrayList<>();
    OriginSet held = new OriginSet();
    for (int p = 0; p <= random.nextInt(3); p++) {
      // Some partitions lie across the border of two of a bitmap's buckets.
      long base = random.nextBoolean() ? 0 : (1L << 32) - 20;
      long from = base + random.nextInt(20);
      long to = from + random.nextInt(60);
      long end = to + random.nextInt(10);
      spans.put(new Partition("events", p), new Span(from, to, end));
      for (long offset = Math.max(0, from - 5); offset < end + 3; offset++) {
        Origin origin = new Origin("events", p, offset);
        boolean exists = offset >= from && offset < to && random.nextInt(10) > 0;
        if (exists) {
          inputs.add(origin);
        }
        int copies = exists ? 1 : 0;
        if (random.nextInt(8) == 0) {
          copies = random.nextInt(4);
        }
        answers.addAll(Collections.nCopies(copies, origin));
        if (exists && random.nextInt(12) == 0) {
          held.add(origin);
        }
      }
    }
    Collections.shuffle(answers, random);
    Findings findings = new Findings(MOST);
    AuditBook book =
        new AuditBook(
            spans, new Bounds(new TreeMap<>(), new TreeMap<>(), held, stopped, stopped), findings);
    long at = 0;
    for (Origin answer : answers) {
      book.answer("out", 0, at++, Headers.originBytes(answer));
    }
    inputs.forEach(input -> book.input(input, () -> !stopped && input.offset() % 2 == 0));
    book.close();

    model(spans, inputs, answers, held, stopped);
    Map<Anomaly, Long> counted = new EnumMap<>(Anomaly.class);
    for (Finding finding : findings.found(Map.of())) {
      counted.put(finding.anomaly(), finding.count());
      assertThat(finding.examples()).hasSizeBetween(1, MOST).doesNotHaveDuplicates();
    }
    assertThat(counted).isEqualTo(expected);
  }

  private void model(
      SortedMap<Partition, Span> spans,
      List<Origin> inputs,
      List<Origin> answers,
      OriginSet held,
      boolean stopped) {
    Map<Origin, Integer> times = new HashMap<>();
    answers.forEach(answer -> times.merge(answer, 1, Integer::sum));
    times.forEach(
        (origin, count) -> {
          Span span = spans.get(new Partition(origin.topic(), origin.partition()));
          if (span == null) {
            return;
          }
          if (origin.offset() < span.from()) {
            expect(Anomaly.DUPLICATE, count - 1);
            return;
          }
          if (origin.offset() >= span.end()) {
            expect(Anomaly.FOREIGN, count);
            return;
          }
          expect(Anomaly.DUPLICATE, count - 1);
          if (origin.offset() >= span.to()) {
            expect(Anomaly.BEYOND, stopped ? 1 : 0);
          } else if (!inputs.contains(origin)) {
            expect(Anomaly.FOREIGN, 1);
          }
        });
    for (Origin input : inputs) {
      boolean answered = times.containsKey(input);
      if (held.contains(input)) {
        expect(Anomaly.DUPLICATE, answered ? 1 : 0);
      } else if (!answered && (stopped || input.offset() % 2 != 0)) {
        expect(Anomaly.GAP, 1);
      }
    }
  }

  private void expect(Anomaly anomaly, long count) {
    if (count > 0) {
      expected.merge(anomaly, count, Long::sum);
    }
  }
}
