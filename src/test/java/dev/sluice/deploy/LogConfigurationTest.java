package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.metrics.MetricGroup;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.Filter;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.ConfigurationFactory;
import org.apache.logging.log4j.core.config.ConfigurationSource;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the cluster's processes log, as their own logger reads its configuration. */
class LogConfigurationTest {

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"log4j.properties", "log4j-console.properties"})
  void aHealthyJobWarnsOfNothing(String file) throws Exception {
    LoggerConfig metrics = logger(file, MetricGroup.class);
    assertThat(verdict(metrics, "pendingCommittables")).isEqualTo(Filter.Result.DENY);
    assertThat(verdict(metrics, "currentSendTime")).isEqualTo(Filter.Result.DENY);
    assertThat(verdict(metrics, "numRecordsIn")).isEqualTo(Filter.Result.NEUTRAL);
    assertThat(metrics.getLevel()).isEqualTo(Level.INFO);
  }

  /** Word for word as Flink says it, with the scope of a subtask. */
  private static Filter.Result verdict(LoggerConfig logger, String metric) {
    String message =
        ("Name collision: Group already contains a Metric with the name '%s'. Metric will not be "
                + "reported.[127.0.0.1, taskmanager, tm-1, sluice, answers: Committer, 0]")
            .formatted(metric);
    return logger
        .getFilter()
        .filter(
            Log4jLogEvent.newBuilder()
                .setLoggerName(MetricGroup.class.getName())
                .setLevel(Level.WARN)
                .setMessage(new SimpleMessage(message))
                .build());
  }

  private LoggerConfig logger(String file, Class<?> type) throws Exception {
    Path path = directory.resolve(file);
    String shipped = Files.readString(Path.of("flink-conf", file));
    Files.writeString(path, shipped.replace("${sys:log.file}", directory + "/log"));
    try (LoggerContext context = new LoggerContext("cluster")) {
      Configuration configuration =
          ConfigurationFactory.getInstance()
              .getConfiguration(context, ConfigurationSource.fromUri(path.toUri()));
      configuration.initialize();
      return configuration.getLoggerConfig(type.getName());
    }
  }
}
