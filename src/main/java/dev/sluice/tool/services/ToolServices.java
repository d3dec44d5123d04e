package dev.sluice.tool.services;

import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.time.Time;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * The world as the tool's operations reach it. Whoever gives other services runs an operation
 * against another Flink, other brokers and another time. May be used by several threads.
 *
 * @param jobManagers makes a client of Flink, of its addresses and the longest wait for one answer
 * @param brokerClients makes a client of Kafka, of its properties and the longest wait for one
 *     answer
 * @param time by which operations wait and which they write down
 * @param ids makes ids that are never made again
 */
public record ToolServices(
    BiFunction<List<URI>, Duration, JobManager> jobManagers,
    BiFunction<Properties, Duration, Brokers> brokerClients,
    Time time,
    Supplier<String> ids) {

  /** For one answer of Flink, the brokers or a file system. */
  public static final Duration ANSWER = Duration.ofSeconds(10);

  /** For Flink's answer to whoever submits a job: it plans the job before. */
  public static final Duration SUBMISSION = Duration.ofSeconds(30);

  /** For Flink's answer where it is soon asked again, or is only a part of what is shown. */
  public static final Duration GLANCE = Duration.ofSeconds(5);

  /** For Flink's answer that must hold up no one. */
  public static final Duration MENTION = Duration.ofSeconds(3);

  /** For the brokers' answer to what asks all of them. */
  public static final Duration ALL_BROKERS = Duration.ofSeconds(30);

  /** This machine's. */
  public static ToolServices real() {
    return new ToolServices(
        JobManager::new, Brokers::new, Time.system(), () -> UUID.randomUUID().toString());
  }

  public JobManager flink(List<URI> addresses) {
    return flink(addresses, ANSWER);
  }

  public JobManager flink(List<URI> addresses, Duration answer) {
    return jobManagers.apply(addresses, answer);
  }

  public Brokers brokers(Properties client) {
    return brokers(client, ANSWER);
  }

  public Brokers brokers(Properties client, Duration answer) {
    return brokerClients.apply(client, answer);
  }
}
