package dev.sluice.tool.audit;

import static dev.sluice.tool.audit.AuditReport.Anomaly.BEYOND;
import static dev.sluice.tool.audit.AuditReport.Anomaly.DUPLICATE;
import static dev.sluice.tool.audit.AuditReport.Anomaly.FOREIGN;
import static dev.sluice.tool.audit.AuditReport.Anomaly.GAP;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Origin;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.tool.audit.AuditReport.Finding;
import dev.sluice.tool.audit.Input.Span;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AuditBookTest {

  private static final Partition INPUT = new Partition("events", 0);

  private final Findings findings = new Findings(2);
  private long next;

  @Test
  void everyInputAnsweredOnceIsClean() {
    AuditBook book = stopped(0, 10, 12);
    answers(book, 0, 10);
    inputs(book, 0, 10);

    assertThat(found(book)).isEmpty();
    assertThat(book.tally(0)).isEqualTo(new AuditReport.Tally(10, 10, 0, 0, 0, 0, 0));
  }

  @Test
  void anInputWithoutAnswerIsAGap() {
    AuditBook book = stopped(0, 10, 12);
    answers(book, 0, 4);
    answers(book, 7, 10);
    inputs(book, 0, 10);

    assertThat(found(book))
        .containsExactly(new Finding(GAP, 3, List.of("events/0@4", "events/0@5")));
  }

  @Test
  void anOffsetWithoutARecordNeedsNoAnswer() {
    AuditBook book = stopped(0, 10, 12);
    answers(book, 0, 4);
    answers(book, 7, 10);
    inputs(book, 0, 4);
    inputs(book, 7, 10);

    assertThat(found(book)).isEmpty();
  }

  @Test
  void aHeldInputNeedsNoAnswerButMustHaveNone() {
    OriginSet held = new OriginSet();
    held.addRange("events", 0, 3, 5);
    AuditBook book = book(new Span(0, 10, 10), held, true);
    answers(book, 0, 4);
    answers(book, 6, 10);
    inputs(book, 0, 10);

    assertThat(book.tally(0)).isEqualTo(new AuditReport.Tally(10, 8, 2, 0, 0, 0, 0));
    Map<Origin, List<String>> places = Map.of(new Origin("events", 0, 3), List.of("out/0@3"));
    book.close();
    assertThat(findings.found(places))
        .containsExactly(
            new Finding(
                DUPLICATE,
                1,
                List.of(
                    "events/0@3 is answered at out/0@3, and the snapshot holds it unanswered")));
  }

  @Test
  void duplicatesAreCountedAndTheExampleNamesAllPlaces() {
    AuditBook book = stopped(0, 10, 10);
    answers(book, 0, 10);
    answers(book, 5, 6);
    answers(book, 5, 6);
    inputs(book, 0, 10);

    Origin doubled = new Origin("events", 0, 5);
    OriginSet wanted = new OriginSet();
    wanted.add(doubled);
    book.close();
    assertThat(findings.wanted()).isEqualTo(wanted);
    assertThat(findings.found(Map.of(doubled, List.of("out/0@5", "out/0@10", "out/0@11"))))
        .containsExactly(
            new Finding(
                DUPLICATE,
                2,
                List.of("events/0@5 is answered at out/0@5 and out/0@10 and out/0@11")));
  }

  @Test
  void recordsThatAnswerNoInputAreForeign() {
    AuditBook book = book(new Span(0, 10, 12), new OriginSet(), true);
    answers(book, 0, 10);
    inputs(book, 0, 9); // 9 was never committed.
    answer(book, null);
    answer(book, "events/0");
    answer(book, "events/1/0");
    answer(book, "others/0/0");
    answer(book, "events/0/12");

    List<Finding> found = found(book);
    assertThat(found).extracting(Finding::anomaly).containsExactly(FOREIGN);
    assertThat(found.get(0).count()).isEqualTo(6);
    assertThat(found.get(0).examples())
        .containsExactly(
            "out/0@10 has no origin",
            "out/0@11 has the origin (events/0), no partition of the job's input");
  }

  @Test
  void anAnswerToAHoleIsForeignAndNamesBoth() {
    AuditBook book = stopped(0, 10, 10);
    answers(book, 0, 10);
    inputs(book, 0, 9);
    book.close();

    Map<Origin, List<String>> places = Map.of(new Origin("events", 0, 9), List.of("out/0@9"));
    assertThat(findings.found(places))
        .containsExactly(
            new Finding(
                FOREIGN, 1, List.of("out/0@9 answers events/0@9, where no committed record is")));
  }

  @Test
  void answersBeyondTheBoundAreAnAnomalyOfAStoppedJobOnly() {
    AuditBook stopped = stopped(0, 10, 20);
    answers(stopped, 0, 13);
    inputs(stopped, 0, 10);
    assertThat(found(stopped))
        .containsExactly(
            new Finding(
                BEYOND,
                3,
                List.of(
                    "events/0@10 is answered at out/0@10", "events/0@11 is answered at out/0@11")));

    AuditBook running = book(new Span(0, 10, 20), new OriginSet(), false);
    long before = findings.found(Map.of()).size();
    answers(running, 0, 13);
    inputs(running, 0, 10);
    assertThat(found(running)).hasSize((int) before);
    assertThat(running.tally(0).beyond()).isEqualTo(3);
  }

  @Test
  void answersToDeletedInputsAreCountedAndOnlyASecondOneIsJudged() {
    AuditBook book = book(new Span(5, 10, 10), new OriginSet(), true);
    answers(book, 0, 10);
    inputs(book, 5, 10);
    assertThat(found(book)).isEmpty();
    assertThat(book.tally(0).unjudged()).isEqualTo(5);

    answers(book, 2, 3);
    assertThat(findings.found(Map.of(new Origin("events", 0, 2), List.of("out/0@2", "out/0@10"))))
        .containsExactly(
            new Finding(
                DUPLICATE,
                1,
                List.of("events/0@2, which is deleted, is answered at out/0@2 and out/0@10")));
    assertThat(book.tally(0).unjudged()).isEqualTo(6);
  }

  @Test
  void whatMayStillBeAnsweredIsUndecided() {
    AuditBook book = book(new Span(0, 10, 10), new OriginSet(), false);
    answers(book, 0, 8);
    inputs(book, 0, 8);
    book.input(new Origin("events", 0, 8), () -> true);
    book.input(new Origin("events", 0, 9), () -> false);

    assertThat(found(book)).containsExactly(new Finding(GAP, 1, List.of("events/0@9")));
    assertThat(book.tally(0).undecided()).isEqualTo(1);
  }

  @Test
  void aLongOriginIsShownShortened() {
    AuditBook book = stopped(0, 10, 10);
    answer(book, "x".repeat(1000));
    assertThat(found(book).get(0).examples().get(0)).hasSizeLessThan(150);
  }

  private List<Finding> found(AuditBook book) {
    book.close();
    return findings.found(Map.of());
  }

  private AuditBook stopped(long from, long to, long end) {
    return book(new Span(from, to, end), new OriginSet(), true);
  }

  private AuditBook book(Span span, OriginSet held, boolean stopped) {
    SortedMap<Partition, Span> spans = new TreeMap<>(Map.of(INPUT, span));
    return new AuditBook(
        spans, new Bounds(new TreeMap<>(), new TreeMap<>(), held, stopped, stopped), findings);
  }

  private void answers(AuditBook book, long from, long to) {
    for (long offset = from; offset < to; offset++) {
      answer(book, "events/0/" + offset);
    }
  }

  private void answer(AuditBook book, @Nullable String origin) {
    byte[] header = origin == null ? null : origin.getBytes(UTF_8);
    book.answer("out", 0, next++, header);
  }

  private static void inputs(AuditBook book, long from, long to) {
    for (long offset = from; offset < to; offset++) {
      book.input(new Origin("events", 0, offset), () -> false);
    }
  }
}
