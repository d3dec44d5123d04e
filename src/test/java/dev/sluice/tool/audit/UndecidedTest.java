package dev.sluice.tool.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Origin;
import dev.sluice.ledger.OriginSet;
import dev.sluice.tool.broker.Brokers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What waits is no damage, whether or not the audit knows the job's settings. */
class UndecidedTest {

  /** The defaults: a job with the labels ontime and late. */
  private static final AuditedJob KNOWN = AuditedJob.of(Map.of());

  private static final AuditedJob GUESSED = KNOWN.withoutLabels();

  @ParameterizedTest
  @ValueSource(strings = {"\"label\":\"late\"", "\"label\":\"ok\"", "\"value\":70.5"})
  void anOutcomeMayWaitForItsObservationWhateverItsLabel(String tells) throws Exception {
    String outcome = "{\"type\":\"outcome\",\"id\":\"1\",\"key\":\"k\",\"time\":0,%s}";
    Undecided undecided = ofRunningJob();
    assertThat(test(undecided, outcome.formatted(tells))).isTrue();
    assertThat(undecided.notes())
        .singleElement()
        .asString()
        .startsWith("1 outcomes without an answer wait for their observations");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"observation\",\"id\":\"1\",\"key\":\"k\",\"time\":0,\"features\":{}}",
        "{\"type\":\"outcome\",\"id\":\"1\",\"key\":\"other\",\"time\":0,\"label\":\"late\"}",
        "{\"type\":\"outcome\",\"key\":\"k\",\"time\":0,\"label\":\"late\"}",
        "{\"type\":\"outcome\",\"id\":\"1\",\"key\":\"k\",\"time\":0}",
        "not JSON"
      })
  void whatIsAnsweredAtOnceIsLostWithoutAnAnswer(String value) throws Exception {
    Undecided undecided = ofRunningJob();
    assertThat(test(undecided, value)).isFalse();
    assertThat(undecided.notes()).isEmpty();
  }

  /** The job answers an outcome that it can't use at once, with a dead letter. */
  @ParameterizedTest
  @CsvSource({"label,late,true", "label,ok,false", "value,late,false"})
  void whereTheJobTellsItsLabelsOnlyItsOutcomesWait(String field, String is, boolean waits)
      throws Exception {
    Undecided undecided =
        of(KNOWN, new Bounds(new TreeMap<>(), new TreeMap<>(), new OriginSet(), false, false));
    String value =
        "{\"type\":\"outcome\",\"id\":\"1\",\"key\":\"k\",\"time\":0,\"%s\":\"%s\"}"
            .formatted(field, is);
    assertThat(test(undecided, value)).isEqualTo(waits);
  }

  @Test
  void ofAStoppedJobTheSnapshotTells() throws Exception {
    Undecided undecided = of(Bounds.ofSnapshot(new TreeMap<>(), new OriginSet()));
    assertThat(
            test(
                undecided,
                "{\"type\":\"outcome\",\"id\":\"1\",\"key\":\"k\",\"time\":0,\"label\":\"late\"}"))
        .isFalse();
  }

  private static Undecided ofRunningJob() throws Exception {
    return of(new Bounds(new TreeMap<>(), new TreeMap<>(), new OriginSet(), false, false));
  }

  /** Everything can be read, so that no broker is asked. */
  private static Undecided of(Bounds bounds) throws Exception {
    return of(GUESSED, bounds);
  }

  private static Undecided of(AuditedJob job, Bounds bounds) throws Exception {
    Properties nowhere = new Properties();
    nowhere.put("bootstrap.servers", "127.0.0.1:1");
    try (Brokers brokers = new Brokers(nowhere, Duration.ofMillis(1))) {
      Output whole = new Output(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
      return Undecided.of(job, brokers, bounds, whole, new TreeMap<>());
    }
  }

  private static boolean test(Undecided undecided, String value) {
    return undecided.test(
        new Origin("sluice.events", 0, 4),
        new ConsumerRecord<>(
            "sluice.events",
            0,
            4,
            ByteBuffer.wrap("k".getBytes(UTF_8)),
            ByteBuffer.wrap(value.getBytes(UTF_8))));
  }
}
