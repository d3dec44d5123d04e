package dev.sluice.support.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.cluster.JobTopics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The result of each observation of a job, key by key in the order they came in. */
public final class ObservationAnswers {

  /** Marks an observation that was deferred. */
  public static final int DEFERRED = 0;

  private static final ObjectMapper JSON = new ObjectMapper();

  private ObservationAnswers() {}

  /**
   * An answer.
   *
   * @param version of the champion that a prediction names, or {@link #DEFERRED}
   * @param updates of the challenger that predicted; 0 if none did
   */
  public record Answered(int version, long updates) {}

  /** The answers to each key's observations. */
  public static Map<String, List<Answered>> byKey(String bootstrapServers, JobTopics topics) {
    Map<String, TreeMap<Place, Answered>> found = new TreeMap<>();
    new KafkaTap(bootstrapServers, Duration.ofSeconds(1))
        .read(
            List.of(topics.predictions(), topics.deferred()),
            record ->
                found
                    .computeIfAbsent(
                        new String(record.key(), UTF_8), key -> new TreeMap<>(Place.ORDER))
                    .put(
                        Place.parse(Ledger.header(record, "sluice-origin")).orElseThrow(),
                        record.topic().equals(topics.deferred())
                            ? new Answered(DEFERRED, 0)
                            : predicted(record)));
    Map<String, List<Answered>> answers = new TreeMap<>();
    found.forEach((key, byOrigin) -> answers.put(key, List.copyOf(byOrigin.values())));
    return answers;
  }

  private static Answered predicted(ConsumerRecord<byte[], byte[]> prediction) {
    try {
      JsonNode json = JSON.readTree(prediction.value());
      return new Answered(json.get("championVersion").asInt(), json.get("updates").asLong());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
