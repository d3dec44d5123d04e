package dev.sluice.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What became of each observation of a job, key by key in the order they came in. */
public final class ObservationAnswers {

  /** Stands for an observation that was put off. */
  public static final int DEFERRED = 0;

  private static final ObjectMapper JSON = new ObjectMapper();

  private ObservationAnswers() {}

  /** The version of the champion that each prediction names, or {@link #DEFERRED}. */
  public static Map<String, List<Integer>> byKey(String bootstrapServers, JobTopics topics) {
    Map<String, TreeMap<Place, Integer>> found = new TreeMap<>();
    new KafkaTap(bootstrapServers, Duration.ofSeconds(1))
        .read(
            List.of(topics.predictions(), topics.deferred()),
            record ->
                found
                    .computeIfAbsent(
                        new String(record.key(), UTF_8), key -> new TreeMap<>(Place.ORDER))
                    .put(
                        Place.parse(Ledger.header(record, "sluice-origin")).orElseThrow(),
                        record.topic().equals(topics.deferred()) ? DEFERRED : version(record)));
    Map<String, List<Integer>> answers = new TreeMap<>();
    found.forEach((key, byOrigin) -> answers.put(key, List.copyOf(byOrigin.values())));
    return answers;
  }

  private static int version(ConsumerRecord<byte[], byte[]> prediction) {
    try {
      JsonNode json = JSON.readTree(prediction.value());
      return json.get("championVersion").asInt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
