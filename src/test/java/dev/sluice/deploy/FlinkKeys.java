package dev.sluice.deploy;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.client.cli.ClientOptions;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.runtime.highavailability.JobResultStoreOptions;
import org.apache.flink.state.rocksdb.RocksDBConfigurableOptions;
import org.apache.flink.state.rocksdb.RocksDBNativeMetricOptions;
import org.apache.flink.state.rocksdb.RocksDBOptions;

/** The keys that Flink reads, by its own declarations; it says nothing of any other. */
final class FlinkKeys {

  private static final List<Class<?>> DECLARED_IN =
      List.of(
          BlobServerOptions.class,
          CheckpointingOptions.class,
          ClientOptions.class,
          CoreOptions.class,
          HeartbeatManagerOptions.class,
          HighAvailabilityOptions.class,
          JobResultStoreOptions.class,
          JobManagerOptions.class,
          MetricOptions.class,
          PipelineOptions.class,
          RestOptions.class,
          RestartStrategyOptions.class,
          RocksDBConfigurableOptions.class,
          RocksDBNativeMetricOptions.class,
          RocksDBOptions.class,
          StateBackendOptions.class,
          TaskManagerOptions.class,
          WebOptions.class);

  /** Read by Flink for each reporter, and by PrometheusReporterFactory: declared as no option. */
  private static final List<String> OF_THE_REPORTER =
      List.of("metrics.reporter.prom.factory.class", "metrics.reporter.prom.port");

  /** Declared in flink-kubernetes (KubernetesConfigOptions), which is in the image alone. */
  private static final List<String> OF_KUBERNETES =
      List.of("kubernetes.taskmanager.service-account");

  private static final Map<String, ConfigOption<?>> OPTIONS = options();

  private FlinkKeys() {}

  /** What is wrong with a setting; empty if nothing is. */
  static String fault(String key, String value) {
    ConfigOption<?> option = OPTIONS.get(key);
    if (option == null) {
      return OF_THE_REPORTER.contains(key) || OF_KUBERNETES.contains(key)
          ? ""
          : key + " is no key of Flink";
    }
    try {
      Configuration.fromMap(Map.of(key, value)).get(option);
      return "";
    } catch (IllegalArgumentException e) {
      return "%s: %s".formatted(key, e.getMessage());
    }
  }

  private static Map<String, ConfigOption<?>> options() {
    Map<String, ConfigOption<?>> options = new LinkedHashMap<>();
    for (Class<?> each : DECLARED_IN) {
      for (Field field : each.getFields()) {
        if (Modifier.isStatic(field.getModifiers()) && field.getType() == ConfigOption.class) {
          ConfigOption<?> option = value(field);
          options.put(option.key(), option);
        }
      }
    }
    return options;
  }

  private static ConfigOption<?> value(Field field) {
    try {
      return (ConfigOption<?>) field.get(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
