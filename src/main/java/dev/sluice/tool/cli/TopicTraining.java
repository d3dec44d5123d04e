package dev.sluice.tool.cli;

import dev.sluice.codec.EventDecoder;
import dev.sluice.event.OutputTopic;
import dev.sluice.settings.JobSettings;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.ReadingProgress;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.training.AnsweredExamples;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import java.util.Set;

/**
 * The examples in a job's topics.
 *
 * @param client properties of a Kafka client; may hold secrets
 */
record TopicTraining(JobSettings job, Properties client) {

  /** For the next record of a topic. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * Which examples.
   *
   * @param since whose outcomes were evaluated from then on
   * @param limit the newest so many
   * @param without names of features that are left out
   */
  record Wanted(Instant since, int limit, Set<String> without) {}

  AnsweredExamples.Read read(ToolServices services, Wanted wanted, ReadingProgress progress)
      throws IOException, InterruptedException {
    AnsweredExamples.Job read =
        new AnsweredExamples.Job(
            client,
            job.topics().of(OutputTopic.EVALUATIONS),
            job.topics().of(OutputTopic.PREDICTIONS),
            job.topics().events(),
            new EventDecoder(job.model().labels(), job.input().rules()),
            job.model().labels(),
            job.input().outcomeTimeout());
    try (Brokers brokers = services.brokers(client)) {
      return new AnsweredExamples(
              brokers,
              read,
              new AnsweredExamples.Bounds(
                  wanted.since().toEpochMilli(),
                  wanted.limit(),
                  wanted.without(),
                  Runtime.getRuntime().maxMemory() / 2),
              PATIENCE,
              progress)
          .read();
    }
  }

  /** Why there is no example. */
  String nothing(boolean since, String leftOut) {
    return "%s at %s has no outcome to train on%s%s: has the job evaluated any, and completed a checkpoint since?"
        .formatted(
            job.topics().of(OutputTopic.EVALUATIONS),
            client.getProperty("bootstrap.servers"),
            since ? " in that time" : "",
            leftOut.isEmpty() ? "" : " (left out: %s)".formatted(leftOut));
  }
}
