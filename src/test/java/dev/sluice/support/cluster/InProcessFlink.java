package dev.sluice.support.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.Eventually;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.client.cli.CliFrontend;
import org.apache.flink.client.cli.DefaultCLI;
import org.apache.flink.client.cli.GenericCLI;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.RestOptions;

/**
 * {@code flink run -d} without a JVM of its own, for tests that submit many jobs: the same code in
 * this process, against the same cluster.
 */
public final class InProcessFlink {

  /**
   * Held while a program is submitted or run in this process: Flink keeps the environment that a
   * program finds in a static field, so two at once would find each other's.
   */
  static final Object ONE_PROGRAM_AT_A_TIME = new Object();

  private final Configuration configuration;
  private final FlinkRest rest;

  /**
   * Submits to the JobManager at this REST address.
   *
   * @param confDirectory with the cluster's config.yaml: like {@code flink run}, the client puts
   *     into a job what it says of checkpoints
   */
  public InProcessFlink(Path confDirectory, URI restUri, FlinkRest rest) {
    this.configuration = GlobalConfiguration.loadConfiguration(confDirectory.toString());
    this.rest = rest;
    configuration.set(DeploymentOptions.TARGET, "remote");
    configuration.set(
        HighAvailabilityOptions.HA_MODE, "NONE"); // asks this JobManager, no ZooKeeper
    configuration.set(RestOptions.ADDRESS, restUri.getHost());
    configuration.set(RestOptions.PORT, restUri.getPort());
    // The jar and this class path hold the same classes; the cluster's own setting stays as it is.
    configuration.set(CoreOptions.CLASSLOADER_RESOLVE_ORDER, "parent-first");
  }

  /**
   * Submits a job.
   *
   * @param jobName its name
   * @param options what comes before the jar
   * @param settings what comes behind it
   * @return the job's id
   */
  public String run(String jobName, List<String> options, Path jar, List<String> settings)
      throws Exception {
    List<String> args = new ArrayList<>(List.of("run", "-d"));
    args.addAll(options);
    args.add(jar.toString());
    args.addAll(settings);
    Set<String> before = idsOf(jobName);
    submit(args);
    Eventually.until(
        "job " + jobName + " is in the cluster's list",
        Duration.ofMinutes(2),
        () -> !before.containsAll(idsOf(jobName)));
    Set<String> ids = idsOf(jobName);
    ids.removeAll(before);
    return ids.iterator().next();
  }

  private void submit(List<String> args) {
    GenericCLI generic = new GenericCLI(configuration, System.getProperty("java.io.tmpdir"));
    CliFrontend flink = new CliFrontend(configuration, List.of(generic, new DefaultCLI()));
    synchronized (ONE_PROGRAM_AT_A_TIME) {
      int exit = flink.parseAndRun(args.toArray(new String[0]));
      if (exit != 0) {
        throw new AssertionError("flink %s ended with %s".formatted(String.join(" ", args), exit));
      }
    }
  }

  private Set<String> idsOf(String jobName) throws IOException, InterruptedException {
    Set<String> ids = new HashSet<>();
    for (JsonNode job : rest.get("/jobs/overview").path("jobs")) {
      if (job.path("name").asText().equals(jobName)) {
        ids.add(job.path("jid").asText());
      }
    }
    return ids;
  }
}
