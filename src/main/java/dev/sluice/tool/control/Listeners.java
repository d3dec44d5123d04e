package dev.sluice.tool.control;

import static java.util.stream.Collectors.joining;

import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.ClusterMatch;
import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The jobs that read a control topic now, by the settings that they publish. Without one a command
 * would lie in the topic until some later job carries it out, perhaps weeks later, when nobody
 * remembers it.
 *
 * @param topic the control topic
 * @param jobs those that read it, and run or will run again by themselves
 * @param others the jobs of this program that read another one
 */
public record Listeners(String topic, List<Job> jobs, List<Job> others) {

  /** They take no command any more. */
  private static final Set<String> ENDING = Set.of("FAILING", "CANCELLING");

  /**
   * A job.
   *
   * @param id 32 hexadecimal digits
   * @param name in Flink, as it may be shown
   * @param control the topic that it takes commands from
   * @param log the topic that it answers them in
   * @param servers the brokers that it names
   * @param kafkaClusterId of these, as it read it at its start; empty if it does not publish it
   */
  public record Job(
      String id, String name, String control, String log, String servers, String kafkaClusterId) {

    @Override
    public String toString() {
      return "job %s (%s)".formatted(name, id);
    }
  }

  /**
   * Asks for them.
   *
   * @throws IOException if the JobManager does not say
   */
  public static Listeners of(JobManager flink, String topic)
      throws IOException, InterruptedException {
    List<Job> jobs = new ArrayList<>();
    List<Job> others = new ArrayList<>();
    for (JobOverview each : flink.jobs()) {
      if (each.isOver() || ENDING.contains(each.state())) {
        continue;
      }
      Map<String, String> published = published(flink, each);
      if (PublishedSettings.isOfSluice(published)) {
        Job job = job(each, published);
        (job.control().equals(topic) ? jobs : others).add(job);
      }
    }
    return new Listeners(topic, List.copyOf(jobs), List.copyOf(others));
  }

  /** None of a job that has ended since the JobManager listed it. */
  private static Map<String, String> published(JobManager flink, JobOverview job)
      throws IOException, InterruptedException {
    try {
      return flink.settings(job.id());
    } catch (FlinkException e) {
      if (e.isUnknown()) {
        return Map.of();
      }
      throw e;
    }
  }

  private static Job job(JobOverview job, Map<String, String> published) {
    return new Job(
        job.id(),
        job.shownName(),
        PublishedSettings.controlTopic(published),
        PublishedSettings.controlLog(published),
        String.join(",", PublishedSettings.servers(published)),
        PublishedSettings.kafkaClusterId(published));
  }

  /**
   * Those that read the topic of these brokers, as far as that is known.
   *
   * @param elsewhere takes the reason, for each job that reads the topic of another Kafka cluster
   * @throws IOException if the brokers do not answer
   */
  public Listeners at(Brokers brokers, Consumer<String> elsewhere)
      throws IOException, InterruptedException {
    List<Job> here = new ArrayList<>();
    for (Job job : jobs) {
      if (brokers.match(job.kafkaClusterId()) instanceof ClusterMatch.Other other) {
        elsewhere.accept(
            "%s does not take commands from %s there: %s".formatted(job, topic, other.words()));
      } else {
        here.add(job);
      }
    }
    return new Listeners(topic, List.copyOf(here), others);
  }

  /**
   * Refuses to send a command that no job reads, or that several jobs would carry out while the
   * answer of one is seen.
   *
   * @param flag what sends it all the same
   * @param why there is no job, as far as it is known
   * @throws IOException if there is no job, or more than one
   */
  public void require(String flag, String why) throws IOException {
    if (jobs.isEmpty()) {
      throw new IOException(
          RefusalCode.CONTROL_NO_JOB.in(
              ("no running job takes commands from %s, and nothing was sent%s%s; %s sends it all the"
                      + " same, to whichever job reads the topic next")
                  .formatted(topic, elsewhere(), why.isEmpty() ? "" : "; " + why, flag)));
    }
    if (jobs.size() > 1) {
      throw new IOException(
          RefusalCode.CONTROL_SEVERAL_JOBS.in(
              ("%s take commands from %s, and nothing was sent: each would carry it out, and the answer"
                      + " of one would be seen; give each a control topic of its own, or send it to all"
                      + " with %s")
                  .formatted(shown(), topic, flag)));
    }
  }

  private String elsewhere() {
    return others.isEmpty()
        ? ""
        : others.stream()
            .map(
                job ->
                    "%s takes them from %s (--control %s --control-log %s)"
                        .formatted(job, job.control(), job.control(), job.log()))
            .collect(joining("; ", "; ", ""));
  }

  /** The jobs, for people; empty if there is none. */
  public String shown() {
    return jobs.stream().map(Job::toString).collect(joining(" and "));
  }
}
