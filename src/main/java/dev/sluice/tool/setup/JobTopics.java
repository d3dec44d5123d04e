package dev.sluice.tool.setup;

import dev.sluice.event.OutputTopic;
import dev.sluice.settings.JobSettings;
import dev.sluice.tool.broker.BrokerException;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.TopicPlan;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.ShellWords;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/** The topics that a job needs, as commands and as a request to the brokers. */
public final class JobTopics {

  private static final Duration FIRST_ANSWER = Duration.ofSeconds(60);
  private static final Duration BETWEEN = Duration.ofMillis(100);
  private static final String LONGEST = "max.message.bytes";
  private static final int MIB = 1 << 20;

  private final List<TopicPlan> plans = new ArrayList<>();

  /**
   * Those of a job.
   *
   * @param topics their names
   * @param partitions of each but the control topic, whose order counts
   */
  public JobTopics(JobSettings.Topics topics, int partitions) {
    topics.events().forEach(events -> plans.add(plan(events, partitions, 8)));
    // A dead letter is the event's bytes and headers that say why: it may be longer than an event.
    plans.add(plan(topics.of(OutputTopic.PREDICTIONS), partitions, 8));
    plans.add(plan(topics.of(OutputTopic.EVALUATIONS), partitions, 8));
    plans.add(plan(topics.of(OutputTopic.DEFERRED), partitions, 10));
    plans.add(plan(topics.of(OutputTopic.DEAD_LETTERS), partitions, 10));
    plans.add(plan(topics.control(), 1, 8));
    plans.add(plan(topics.of(OutputTopic.CONTROL_LOG), partitions, 8));
  }

  private static TopicPlan plan(String name, int partitions, int mebibytes) {
    return new TopicPlan(name, partitions, Map.of(LONGEST, String.valueOf(mebibytes * MIB)));
  }

  /** A shell script that creates those that are not there. */
  String script(String servers) {
    StringBuilder script = new StringBuilder();
    script.append("#!/bin/sh\n");
    script.append(
        "# Creates the topics that are not there; 'sluice init --create-topics' does the same.\n");
    script.append("# KAFKA_TOPICS: Kafka's own kafka-topics.sh, with what its user needs.\n");
    script.append("set -eu\n");
    for (TopicPlan plan : plans) {
      List<String> words =
          List.of(
              "--bootstrap-server",
              servers,
              "--create",
              "--if-not-exists",
              "--topic",
              plan.name(),
              "--partitions",
              String.valueOf(plan.partitions()),
              "--config",
              LONGEST + "=" + plan.configs().get(LONGEST));
      script
          .append("${KAFKA_TOPICS:-kafka-topics.sh} ")
          .append(ShellWords.join(words))
          .append('\n');
    }
    return script.toString();
  }

  /**
   * Creates those that are not there, and waits until each of their partitions answers: one that
   * has no log yet may refuse a producer's first batch and take its second.
   *
   * @return the names of those that were created
   * @throws IOException if the brokers refuse, or a partition does not answer in a minute
   */
  public Set<String> create(ToolServices services, Properties client)
      throws IOException, InterruptedException {
    try (Brokers brokers = services.brokers(client, ToolServices.ALL_BROKERS)) {
      Set<String> created = brokers.create(plans);
      Time time = services.time();
      Deadline deadline = time.after(FIRST_ANSWER);
      while (!answer(brokers, deadline)) {
        time.sleep(BETWEEN);
      }
      return created;
    }
  }

  private boolean answer(Brokers brokers, Deadline deadline)
      throws IOException, InterruptedException {
    try {
      return !brokers.ends(plans.stream().map(TopicPlan::name).toList()).isEmpty();
    } catch (BrokerException e) {
      if (deadline.isOver() || Brokers.lasts(e)) {
        throw e;
      }
      return false;
    }
  }
}
