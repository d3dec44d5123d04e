package dev.sluice.bench.contender;

import java.nio.file.Path;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Flink in this process, JobManager and TaskManager, configured as shipped ({@code flink-conf})
 * except for what depends on the place: directories, ports, memory, and the interval of the
 * commits.
 */
@SuppressWarnings("try") // never made, so never closed
final class LocalFlink extends StreamExecutionEnvironment {

  /** Sizes of processes and a reporter that nothing here asks. */
  private static final List<String> NOT_HERE =
      List.of(
          "jobmanager.memory.process.size",
          "taskmanager.memory.process.size",
          "metrics.reporters",
          "metrics.reporter.prom.factory.class",
          "metrics.reporter.prom.port");

  private LocalFlink() {}

  /** What every later environment of this process is made from. */
  static Configuration install(Assignment assignment) {
    Configuration configuration = configuration(assignment);
    initializeContextEnvironment(
        more -> {
          Configuration all = new Configuration(configuration);
          all.addAll(more);
          return new StreamExecutionEnvironment(all);
        });
    return configuration;
  }

  private static Configuration configuration(Assignment assignment) {
    Path shipped = Path.of("flink-conf").toAbsolutePath();
    Configuration configuration = GlobalConfiguration.loadConfiguration(shipped.toString());
    NOT_HERE.forEach(configuration::removeKey);
    String directory = assignment.directory().toAbsolutePath().toString();
    configuration.setString("execution.checkpointing.interval", assignment.commitMs() + " ms");
    configuration.setString("execution.checkpointing.min-pause", "0 ms");
    configuration.setString("execution.checkpointing.dir", "file://" + directory + "/checkpoints");
    configuration.setString(
        "execution.checkpointing.savepoint-dir", "file://" + directory + "/savepoints");
    configuration.setString("io.tmp.dirs", directory + "/tmp");
    configuration.setString("state.backend.rocksdb.localdir", directory + "/tmp");
    configuration.setString("parallelism.default", "" + assignment.workers());
    configuration.setString("taskmanager.numberOfTaskSlots", "" + assignment.workers());
    configuration.setString("taskmanager.memory.managed.size", assignment.nativeBytes() + " bytes");
    configuration.set(DeploymentOptions.TARGET, "local");
    configuration.set(DeploymentOptions.ATTACHED, true);
    configuration.setString("rest.bind-port", "0");
    configuration.setString("blob.server.port", "0");
    // A run with a failure in it is no measurement: the process ends.
    configuration.setString("restart-strategy.type", "none");
    configuration.setString("execution.checkpointing.tolerable-failed-checkpoints", "0");
    assignment.flinkOptions().forEach(configuration::setString);
    return configuration;
  }
}
