package dev.sluice.tool.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.codec.Headers;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedLog;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.SimpleRecord;

/** Topics of a job with two input topics, the first with two partitions, as its records come. */
public final class AnsweredTopics {

  public static final String EVALUATIONS = "sluice.evaluations";
  public static final String PREDICTIONS = "sluice.predictions";

  private final CannedBroker broker;
  private final Map<String, CannedLog> inputs = new HashMap<>();
  public final CannedLog evaluations = new CannedLog();
  public final CannedLog predictions = new CannedLog();

  public AnsweredTopics(CannedBroker broker) {
    this.broker = broker;
    inputs.put("a/0", new CannedLog());
    inputs.put("a/1", new CannedLog());
    inputs.put("b/0", new CannedLog());
    publish();
  }

  private void publish() {
    broker
        .topic("a", log("a/0"), log("a/1"))
        .topic("b", log("b/0"))
        .topic(EVALUATIONS, evaluations)
        .topic(PREDICTIONS, predictions);
  }

  public Properties client() {
    return broker.client();
  }

  public CannedLog log(String partition) {
    return Objects.requireNonNull(inputs.get(partition));
  }

  /** What was in a partition is deleted. */
  public void delete(String partition) {
    inputs.put(partition, CannedLog.beginningAt(log(partition).end()));
    publish();
  }

  /** An observation that was predicted; the answer is where it is. */
  public String predicted(String partition, String key, String id, long ms, String features) {
    String origin = observation(partition, key, id, ms, features);
    prediction(origin, key, id, ms, "");
    return origin;
  }

  /** An observation alone. */
  public String observation(String partition, String key, String id, long ms, String features) {
    return input(
        partition,
        key,
        "{\"type\":\"observation\",\"id\":\"%s\",\"key\":\"%s\",\"time\":%s,\"features\":{%s}}"
            .formatted(id, key, ms, features));
  }

  /** A prediction; {@code lookup} is empty, or what else it carries. */
  public void prediction(String origin, String key, String id, long ms, String lookup) {
    prediction(origin, key, id, ms, lookup, ms);
  }

  /** A prediction that the job has written at a time of its own. */
  public void prediction(
      String origin, String key, String id, long ms, String lookup, long writtenMs) {
    answer(
        predictions,
        origin,
        writtenMs,
        "{\"id\":\"%s\",\"key\":\"%s\",\"time\":\"%s\",\"prediction\":\"late\"%s}"
            .formatted(id, key, Instant.ofEpochMilli(ms), lookup));
  }

  /** An outcome that was evaluated. */
  public void evaluated(
      String partition, String key, String id, long ms, long delay, String label) {
    evaluation(outcome(partition, key, id, ms + delay, label), key, id, ms, delay, label, true);
  }

  /** An outcome alone. */
  public String outcome(String partition, String key, String id, long ms, String label) {
    return input(
        partition,
        key,
        "{\"type\":\"outcome\",\"id\":\"%s\",\"key\":\"%s\",\"time\":%s,\"label\":\"%s\"}"
            .formatted(id, key, ms, label));
  }

  /** An evaluation alone. */
  public void evaluation(
      String origin, String key, String id, long ms, long delay, String label, boolean learned) {
    evaluation(origin, key, id, ms, delay, label, learned, ms + delay);
  }

  /** An evaluation alone that the job has written at a time of its own. */
  public void evaluation(
      String origin,
      String key,
      String id,
      long ms,
      long delay,
      String label,
      boolean learned,
      long writtenMs) {
    answer(
        evaluations,
        origin,
        writtenMs,
        ("{\"id\":\"%s\",\"key\":\"%s\",\"time\":\"%s\",\"label\":\"%s\",\"servedBy\":\"blend\","
                + "\"learned\":%s,\"delayMs\":%s}")
            .formatted(id, key, Instant.ofEpochMilli(ms + delay), label, learned, delay));
  }

  private String input(String partition, String key, String json) {
    CannedLog log = log(partition);
    String origin = partition + "/" + log.end();
    log.record(new SimpleRecord(1, key.getBytes(UTF_8), json.getBytes(UTF_8)));
    return origin;
  }

  /** Any record of an answer's topic. */
  public static void answer(CannedLog log, String origin, long ms, String json) {
    Header header = new RecordHeader(Headers.ORIGIN, Headers.bytes(origin));
    log.record(
        new SimpleRecord(ms, "k".getBytes(UTF_8), json.getBytes(UTF_8), new Header[] {header}));
  }
}
