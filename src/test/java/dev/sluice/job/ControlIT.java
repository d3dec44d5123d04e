package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.model.Champion;
import dev.sluice.support.cluster.ControlTopic;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Answers;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.ledger.ObservationAnswers;
import dev.sluice.support.ledger.ObservationAnswers.Answered;
import dev.sluice.support.ledger.OutputKind;
import dev.sluice.support.ledger.Verdict;
import dev.sluice.support.traffic.SeededTraffic;
import dev.sluice.support.traffic.TargetKind;
import dev.sluice.support.traffic.TrafficRun;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.Snapshot.SavedChampion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.protos.core.ModelProto;

/**
 * Parts of a job under load are paused, changed and resumed, across a stop and a resume of the job,
 * and what was deferred meanwhile is fed back.
 */
class ControlIT {

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final String RESET = "k-2";
  private static final String PAUSED = "k-1";
  private static final int KEYS = 8;
  private static final int COMMANDS = 8;

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();

  @TempDir private Path models;

  @Test
  void aPausedKeyIsPutOffAndAPromotionNamedWhileTheRestGoesOn() throws Exception {
    JobTopics topics = JobTopics.named("control").create(broker, 4);
    JobSpec spec =
        StopResume.spec("control", "hashmap", topics)
            .set("sluice.champion.uri", file(ControlHarness.champion(1)));
    JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
    try (TrafficRun traffic =
            TrafficRun.start(
                broker,
                new SeededTraffic(5, KEYS, TargetKind.LABELS),
                topics.events(),
                Long.MAX_VALUE,
                400);
        ControlTopic control = new ControlTopic(broker, topics)) {
      job.run(2);
      Answers.awaitCount(broker, topics.evaluations(), 1, LIMIT);
      String pause = "{'id':'p','command':'pause','part':'scoring','key':'" + PAUSED + "'}";
      assertAccepted(control.ask(pause));
      Answers.awaitCount(broker, topics.deferred(), 1, LIMIT);
      promoteAmongForgeries(control);
      assertAccepted(control.ask("{'id':'x','command':'reset','key':'" + RESET + "'}"));

      String saved = job.stop();
      assertSaved(saved);
      assertThat(traffic.isRunning()).as("load at the stop").isTrue();
      long deferred = deferred(topics);
      job.resume(1, saved);
      Answers.awaitCount(broker, topics.deferred(), deferred + 1, LIMIT);
      assertThat(control.ask(pause).get("repeated").asBoolean()).isTrue();
      assertAccepted(control.ask("{'id':'r','command':'resume','part':'scoring'}"));
      job.awaitCheckpoints(2);
      traffic.stop();
      job.awaitNoLag();
      replay(topics);
      Answers.awaitCount(broker, topics.predictions(), traffic.observations(), LIMIT);
      assertThat(job.failures()).isZero();

      JsonNode stopped =
          cluster.sluice("stop", job.id(), "--grace", "1m", "-o", "json").requireSuccess().json();
      judge(spec, stopped.path("receipt").path("snapshot").path("uri").asText(), traffic);
      audit(stopped.path("receiptFile").asText(), deferred(topics));
    }
  }

  /** The whole life of an observation: deferred, fed back, predicted. */
  private void replay(JobTopics topics) {
    String[] line = {
      "replay", "--deferred", topics.deferred(), "--events", topics.events(), "-o", "json"
    };
    long deferred = deferred(topics);
    assertThat(cluster.sluice(line).requireSuccess().json().path("replayed").asLong())
        .isEqualTo(deferred)
        .isPositive();
    assertThat(cluster.sluice(line).requireSuccess().json().path("replayed").asLong())
        .as("once more")
        .isZero();
  }

  private void audit(String receipt, long deferred) {
    JsonNode audit =
        cluster.sluice("audit", "--receipt", receipt, "-o", "json").requireSuccess().json();
    assertThat(audit.path("clean").asBoolean()).isTrue();
    assertThat(audit.path("deferred").asLong()).isEqualTo(deferred);
    assertThat(audit.path("notReplayed").asLong()).isZero();
  }

  /** A promotion between two whose files are not what they say. */
  private void promoteAmongForgeries(ControlTopic control) throws Exception {
    byte[] good = ControlHarness.champion(3);
    byte[] malicious =
        ModelProto.parseFrom(good).toBuilder()
            .setClassName("javax.swing.JEditorPane")
            .build()
            .toByteArray();
    JsonNode refused = control.ask(promote("m", malicious, Champion.sha256(malicious)));
    assertThat(refused.get("accepted").asBoolean()).isFalse();
    assertThat(refused.get("reason").asText()).contains("javax.swing.JEditorPane");
    assertAccepted(control.ask(promote("g", good, Champion.sha256(good))));
    JsonNode changed = control.ask(promote("c", malicious, Champion.sha256(good)));
    assertThat(changed.get("reason").asText()).contains("sha256");
    assertThat(control.ask("{'id':").get("reason").asText()).contains("not JSON");
  }

  private static void assertSaved(String savepoint) throws Exception {
    Snapshot snapshot = Snapshot.open(savepoint);
    assertThat(snapshot.standingOrders()).containsExactly("scoring is paused for " + PAUSED);
    assertThat(snapshot.commands().lastReset()).isPositive();
    assertThat(snapshot.champion()).map(SavedChampion::version).hasValue(2);
  }

  private void judge(JobSpec spec, String savepoint, TrafficRun traffic) throws Exception {
    Verdict verdict =
        new Ledger(broker, spec.topics(), spec.name())
            .below(SavepointModels.offsets(savepoint))
            .holding(SavepointModels.keys(savepoint).held())
            .read()
            .assertClean();
    long replayed = deferred(spec.topics());
    assertThat(verdict.inputs()).isEqualTo(traffic.sent() + COMMANDS + replayed);
    assertThat(verdict.answers(OutputKind.CONTROL_ANSWER)).isEqualTo(COMMANDS);
    assertThat(verdict.answers(OutputKind.DEFERRAL)).isEqualTo(replayed);
    assertThat(verdict.answers(OutputKind.PREDICTION)).isEqualTo(traffic.observations());
    Map<String, List<Answered>> answers = ObservationAnswers.byKey(broker, spec.topics());
    assertThat(answers).hasSize(KEYS);
    answers.forEach(
        (key, given) -> {
          assertThat(phases(given))
              .as(key)
              .isEqualTo(
                  key.equals(PAUSED) ? List.of(1, ObservationAnswers.DEFERRED, 2) : List.of(1, 2));
          assertThat(timesForgotten(given)).as(key).isEqualTo(key.equals(RESET) ? 1 : 0);
        });
  }

  /** Runs of equal numbers, each as one. */
  private static List<Integer> phases(List<Answered> given) {
    List<Integer> phases = new ArrayList<>();
    for (Answered answer : given) {
      if (phases.isEmpty() || phases.get(phases.size() - 1) != answer.version()) {
        phases.add(answer.version());
      }
    }
    return phases;
  }

  /** How often a challenger had learned less than before. */
  private static int timesForgotten(List<Answered> given) {
    int times = 0;
    long before = 0;
    for (Answered answer : given) {
      if (answer.version() != ObservationAnswers.DEFERRED) {
        times += answer.updates() < before ? 1 : 0;
        before = answer.updates();
      }
    }
    return times;
  }

  private long deferred(JobTopics topics) {
    return ObservationAnswers.byKey(broker, topics).getOrDefault(PAUSED, List.of()).stream()
        .filter(answer -> answer.version() == ObservationAnswers.DEFERRED)
        .count();
  }

  private String promote(String id, byte[] model, String sha256) throws Exception {
    return "{'id':'%s','command':'promote','uri':'%s','sha256':'%s','version':2}"
        .formatted(id, file(model), sha256);
  }

  private String file(byte[] model) throws Exception {
    return Files.write(Files.createTempFile(models, "model", ".tribuo"), model).toUri().toString();
  }

  private static void assertAccepted(JsonNode answer) {
    assertThat(answer.get("accepted").asBoolean()).as("%s", answer).isTrue();
  }
}
