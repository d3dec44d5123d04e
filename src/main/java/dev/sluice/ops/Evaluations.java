package dev.sluice.ops;

import java.io.IOException;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Scores what an evaluations topic holds. */
public final class Evaluations {

  private final Properties client;
  private final String topic;

  /**
   * Evaluations in a topic.
   *
   * @param client properties of a Kafka client, {@code bootstrap.servers} among them
   * @param topic its name
   */
  public Evaluations(Properties client, String topic) {
    this.client = client;
    this.topic = topic;
  }

  /**
   * Reads all that is committed now.
   *
   * @param wanted which evaluations count
   * @return empty if none does
   * @throws IOException if the topic can't be read or holds something else
   */
  public Optional<Scoreboard.Result> score(Predicate<Judgement> wanted) throws IOException {
    Scoreboard scoreboard = new Scoreboard();
    JudgementReader reader = new JudgementReader();
    new CommittedTopic(client, topic)
        .read(
            committed -> {
              Judgement judgement = judgement(reader, committed);
              if (wanted.test(judgement)) {
                scoreboard.add(judgement);
              }
            });
    return scoreboard.result();
  }

  private static Judgement judgement(
      JudgementReader reader, ConsumerRecord<byte[], byte[]> committed) throws IOException {
    try {
      return reader.read(committed.value());
    } catch (IOException | NullPointerException e) {
      throw new IOException(
          "%s/%s/%s is no evaluation: %s"
              .formatted(
                  committed.topic(), committed.partition(), committed.offset(), e.getMessage()),
          e);
    }
  }
}
