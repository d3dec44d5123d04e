package dev.sluice.tool.cli;

import static dev.sluice.tool.audit.AuditReport.Anomaly.BEYOND;
import static dev.sluice.tool.audit.AuditReport.Anomaly.DUPLICATE;
import static dev.sluice.tool.audit.AuditReport.Anomaly.FOREIGN;
import static dev.sluice.tool.audit.AuditReport.Anomaly.GAP;
import static dev.sluice.tool.audit.AuditReport.Anomaly.OPEN_TRANSACTION;
import static dev.sluice.tool.audit.AuditReport.Anomaly.REPLAYED_TWICE;
import static dev.sluice.tool.audit.AuditReport.Anomaly.UNREADABLE_END;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.support.StrictJson;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.tool.audit.Audit;
import dev.sluice.tool.audit.AuditReport;
import dev.sluice.tool.audit.AuditReport.Anomaly;
import dev.sluice.tool.audit.AuditReport.Finding;
import dev.sluice.tool.audit.AuditedJob;
import dev.sluice.tool.audit.Bounds;
import dev.sluice.tool.services.ToolServices;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Worlds that are whole, and worlds that are broken by hand in every way. */
class AuditIT {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final LocalCluster cluster = LocalCluster.shared();

  @TempDir Path folder;

  @Test
  void aWholeWorldIsClean() throws Exception {
    try (HandMadeWorld world = HandMadeWorld.create(cluster, "audit-whole", 2)) {
      world.observe(0, 0, 100).observe(1, 0, 50).report(1, 50, 60);
      world.answer(world.predictions(), 0, 0, 0, 60);
      world.abortedAnswer(world.predictions(), 1, 0, 60, 100);
      world.answer(world.predictions(), 1, 0, 60, 100);
      world.answer(world.predictions(), 0, 1, 0, 50);
      world.answer(world.evaluations(), 0, 1, 50, 57);
      world.answer(world.deadLetters(), 1, 1, 57, 60);

      assertThat(audit(world, stopped(world, new OriginSet())).findings()).isEmpty();

      world.commitGroup(world.ends());
      List<String> line = world.line();
      assertThat(tool(line, "-o", "json")).isZero();
      JsonNode json = StrictJson.object(out.toString());
      assertThat(json.path("clean").asBoolean()).isTrue();
      assertThat(json.path("inputs").asLong()).isEqualTo(160);
      assertThat(json.path("answered").asLong()).isEqualTo(160);
      assertThat(json.path("records").path(world.predictions()).asLong()).isEqualTo(150);
      whatWasDeferredIsFollowed(world);
    }
  }

  private void whatWasDeferredIsFollowed(HandMadeWorld world) throws Exception {
    world.observe(0, 100, 102);
    world.answer(world.deferred(), 1, 0, 100, 102);
    assertDeferrals(audit(world, stopped(world, new OriginSet())), 2, 2);
    world.replay(0, world.deferred() + "/1/0");
    world.answer(world.predictions(), 0, 0, 102, 103);
    Bounds bounds = stopped(world, new OriginSet());
    assertDeferrals(audit(world, bounds), 2, 1);

    world.replay(1, world.deferred() + "/1/1"); // beyond the bound, but there
    assertDeferrals(audit(world, bounds), 2, 0);
    world.observe(0, 103, 104);
    world.answer(world.deferred(), 1, 0, 103, 104);
    world.replay(1, world.deferred() + "/1/1");
    AuditReport broken = audit(world, stopped(world, new OriginSet()));
    assertThat(count(broken, REPLAYED_TWICE)).isOne();
    assertThat(examples(broken, REPLAYED_TWICE))
        .containsExactly(
            "%s/1@1 is fed back once more at %s/1@61".formatted(world.deferred(), world.events()));
  }

  private static void assertDeferrals(AuditReport report, long records, long left) {
    assertThat(report.deferrals()).isEqualTo(new AuditReport.Deferrals(records, left));
    assertThat(report.findings()).isEmpty();
  }

  @Test
  @SuppressWarnings("try") // The open transaction is only there.
  void everyBreachIsFoundAndCounted() throws Exception {
    try (HandMadeWorld world = HandMadeWorld.create(cluster, "audit-broken", 2)) {
      world.observe(0, 0, 100).observe(1, 0, 50).report(1, 50, 60);
      world.abortedInput(1, 2); // 60 and 61, and a marker at 62
      world.observe(1, 63, 70);
      world.answer(world.predictions(), 0, 0, 0, 97); // 97, 98 and 99 are never answered
      world.answer(world.predictions(), 1, 0, 5, 6); // doubled in the same topic
      world.answer(world.deadLetters(), 0, 0, 6, 7); // and in another
      world.answer(world.predictions(), 0, 1, 0, 50);
      world.answer(world.evaluations(), 0, 1, 50, 57); // 57 is held, 58 and 59 are lost
      world.answer(world.evaluations(), 1, 1, 61, 62); // to an input that was aborted
      world.answer(world.predictions(), 1, 1, 63, 68); // 65 and above are beyond
      world.foreign(world.deferred(), 0, null);
      world.foreign(world.deferred(), 0, "others/0/0");
      world.foreign(world.deferred(), 1, world.events() + "/0/100");

      world.commitGroup(bound(world, 100, 65));
      AuditReport running = audit(world, world.runningBounds());
      // Whether 57, 58 and 59 wait for their observations, only a snapshot can show.
      assertThat(running.tally().undecided()).isEqualTo(3);
      assertThat(running.tally().beyond()).isEqualTo(3);
      assertCounts(running, GAP, 3, DUPLICATE, 2, FOREIGN, 4);
      // And for a job with lookups, whether 97, 98 and 99 wait for the service.
      AuditReport lookingUp = audit(world.job(true, true), world.runningBounds());
      assertThat(lookingUp.tally().undecided()).isEqualTo(6);
      assertCounts(lookingUp, DUPLICATE, 2, FOREIGN, 4);
      assertThat(tool(world.line())).isEqualTo(5);
      assertThat(out.toString()).contains("gap: 3 inputs", "DAMAGE");

      try (AutoCloseable open = world.begin(world.predictions(), 0, 1, 68, 70)) {
        OriginSet held = new OriginSet();
        held.addRange(world.events(), 1, 57, 57);
        Bounds bounds = Bounds.ofSnapshot(bound(world, 100, 65), held);
        AuditReport stopped = audit(world, bounds);
        assertCounts(
            stopped,
            GAP,
            5,
            DUPLICATE,
            2,
            FOREIGN,
            4,
            BEYOND,
            3,
            OPEN_TRANSACTION,
            1,
            UNREADABLE_END,
            1);
        assertThat(stopped.tally().held()).isEqualTo(1);
        assertPlaces(world, stopped);
      }
    }
  }

  private static void assertPlaces(HandMadeWorld world, AuditReport report) {
    assertThat(examples(report, GAP))
        .contains(world.events() + "/0@97", world.events() + "/1@58", world.events() + "/1@59");
    assertThat(examples(report, DUPLICATE))
        .contains(
            "%s/0@5 is answered at %s/0@5 and %s/1@0"
                .formatted(world.events(), world.predictions(), world.predictions()));
    assertThat(examples(report, FOREIGN))
        .contains(
            world.deferred() + "/0@0 has no origin",
            "%s/1@0 answers %s/1@61, where no committed record is"
                .formatted(world.evaluations(), world.events()));
    assertThat(examples(report, OPEN_TRANSACTION)).containsExactly("audit-broken-0-7 is Ongoing");
    assertThat(examples(report, UNREADABLE_END).get(0))
        .startsWith(world.predictions() + "/0 can be read to ")
        .contains("transaction (audit-broken-0-7)");
  }

  @Test
  void whatRetentionTookIsNamedAndNotJudged() throws Exception {
    try (HandMadeWorld world = HandMadeWorld.create(cluster, "audit-retention", 1)) {
      world.observe(0, 0, 100);
      world.answer(world.predictions(), 0, 0, 0, 100);
      world.delete(world.predictions(), 0, 40);
      world.delete(world.events(), 0, 10);

      AuditReport report = audit(world, stopped(world, new OriginSet()));
      assertThat(report.findings()).isEmpty();
      assertThat(report.tally()).isEqualTo(new AuditReport.Tally(90, 60, 0, 30, 0, 0, 0));
      assertThat(report.notes())
          .anyMatch(note -> note.contains("/0: inputs below 10 are deleted (retention)"))
          .anyMatch(note -> note.contains("of 30 inputs it is not known"));
    }
  }

  @Test
  void whatWasDeletedUnansweredIsNotClean() throws Exception {
    try (HandMadeWorld world = HandMadeWorld.create(cluster, "audit-deleted", 1)) {
      world.observe(0, 0, 100);
      world.answer(world.predictions(), 0, 0, 0, 50); // 50 to 59 are never answered
      world.answer(world.predictions(), 0, 0, 60, 100);
      world.commitGroup(world.ends());
      world.delete(world.events(), 0, 60);

      AuditReport running = audit(world, world.runningBounds());
      assertThat(running.findings()).isEmpty();
      assertThat(running.tally()).isEqualTo(new AuditReport.Tally(40, 40, 0, 0, 0, 50, 10));
      assertThat(tool(world.line(), "-o", "json")).isEqualTo(7);
      JsonNode json = StrictJson.object(out.toString());
      assertThat(json.path("verdict").asText()).isEqualTo("undecided");
      assertThat(json.path("deletedUnknown").asLong()).isEqualTo(10);
      // A snapshot shows that none of them waits.
      assertThat(count(audit(world, stopped(world, new OriginSet())), GAP)).isEqualTo(10);
    }
  }

  @Test
  void inputsBeforeALateStartAreNotJudged() throws Exception {
    try (HandMadeWorld world = HandMadeWorld.create(cluster, "audit-latest", 1)) {
      world.observe(0, 0, 100);
      world.answer(world.predictions(), 0, 0, 40, 60);
      world.answer(world.predictions(), 0, 0, 61, 100);
      Bounds bounds = stopped(world, new OriginSet());

      assertThat(count(audit(world.job(), bounds), GAP)).isEqualTo(41);
      AuditReport late = audit(world.job(false, false), bounds);
      assertThat(count(late, GAP)).isEqualTo(1);
      assertThat(late.tally().undecided()).isEqualTo(40);
    }
  }

  @Test
  void anOutcomeThatWaitsIsNoDamageWhateverTheLabels() throws Exception {
    try (HandMadeWorld world = HandMadeWorld.create(cluster, "audit-waiting", 1)) {
      world.observe(0, 0, 10).report(0, 10, 13);
      world.answer(world.deadLetters(), 0, 0, 0, 10);
      world.commitGroup(world.ends());
      List<String> line = new ArrayList<>(world.line());
      line.add("sluice.model.labels: ok,failed"); // the outcomes say late

      assertThat(tool(line, "-o", "json")).isEqualTo(7);
      JsonNode json = StrictJson.object(out.toString());
      assertThat(json.path("verdict").asText()).isEqualTo("undecided");
      assertThat(json.path("undecided").asLong()).isEqualTo(3);
      assertThat(json.path("anomalies")).isEmpty();
    }
  }

  @Test
  void aGroupThatHasCommittedNothingIsToldAndExitsWith1() throws Exception {
    try (HandMadeWorld world = HandMadeWorld.create(cluster, "audit-groupless", 1)) {
      assertThat(tool(world.line())).isEqualTo(1);
      assertThat(err.toString())
          .contains("group (audit-groupless) has committed no offset")
          .contains("--group-id");
    }
  }

  private static AuditReport audit(HandMadeWorld world, Bounds bounds) throws Exception {
    return audit(world.job(), bounds);
  }

  private static AuditReport audit(AuditedJob job, Bounds bounds) throws Exception {
    return new Audit(ToolServices.real(), job, bounds, PATIENCE, 10).run((phase, done, all) -> {});
  }

  private static Bounds stopped(HandMadeWorld world, OriginSet held) throws Exception {
    return Bounds.ofSnapshot(world.ends(), held);
  }

  private static SortedMap<Partition, Long> bound(HandMadeWorld world, long zero, long one) {
    SortedMap<Partition, Long> to = new TreeMap<>();
    to.put(new Partition(world.events(), 0), zero);
    to.put(new Partition(world.events(), 1), one);
    return to;
  }

  private static void assertCounts(AuditReport report, Object... expected) {
    List<Object> found = new ArrayList<>();
    for (Finding finding : report.findings()) {
      found.add(finding.anomaly());
      found.add((int) finding.count());
    }
    assertThat(found).containsExactly(expected);
  }

  private static List<String> examples(AuditReport report, Anomaly anomaly) {
    return report.findings().stream()
        .filter(finding -> finding.anomaly() == anomaly)
        .flatMap(finding -> finding.examples().stream())
        .toList();
  }

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int tool(List<String> line, String... more) throws Exception {
    Path settings = folder.resolve("sluice.yaml");
    Files.write(settings, line);
    List<String> all = new ArrayList<>(List.of("audit", "--settings", settings.toString()));
    all.addAll(List.of("--patience", "20s", "--journal", folder.toString()));
    all.addAll(List.of(more));
    return Sluice.commandLine(ToolServices.real())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }

  private static long count(AuditReport report, Anomaly anomaly) {
    return report.findings().stream()
        .filter(finding -> finding.anomaly() == anomaly)
        .mapToLong(Finding::count)
        .sum();
  }
}
