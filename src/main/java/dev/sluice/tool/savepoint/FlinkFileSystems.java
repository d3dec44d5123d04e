package dev.sluice.tool.savepoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.plugin.PluginUtils;
import org.jspecify.annotations.Nullable;

/**
 * Flink's file systems, configured once in a process as the environment says: {@code
 * FLINK_CONF_DIR} with a {@code config.yaml}, {@code FLINK_PLUGINS_DIR} with the plugins that know
 * object stores.
 */
final class FlinkFileSystems {

  private static final String CONFIGURATION = "config.yaml";

  /** A page about its end of life, with a stack trace, on each command's stderr. */
  private static final String SDK_ANNOUNCEMENT = "aws.java.v1.disableDeprecationAnnouncement";

  /** Its warnings, as of a list of file types that it misses; held, or its level is forgotten. */
  private static final Logger SDK = Logger.getLogger("com.amazonaws");

  private static boolean ready;

  private FlinkFileSystems() {}

  /**
   * Configures them on the first call.
   *
   * @throws IOException if the configuration or the plugins can't be loaded
   */
  static synchronized void ready() throws IOException {
    if (!ready) {
      configure(System.getenv("FLINK_CONF_DIR"), System.getenv("FLINK_PLUGINS_DIR"));
      ready = true;
    }
  }

  /** What a variable of the environment is, for a message that asks to set it. */
  static String set(String variable) {
    String value = System.getenv(variable);
    return value == null ? "not set" : "now " + value;
  }

  private static void configure(@Nullable String configuration, @Nullable String plugins)
      throws IOException {
    boolean configured =
        configuration != null && Files.isReadable(Path.of(configuration, CONFIGURATION));
    if (!configured && plugins == null) {
      return;
    }
    SDK.setLevel(Level.SEVERE);
    if (System.getProperty(SDK_ANNOUNCEMENT) == null) {
      System.setProperty(SDK_ANNOUNCEMENT, "true");
    }
    try {
      Configuration flink =
          configured ? GlobalConfiguration.loadConfiguration(configuration) : new Configuration();
      FileSystem.initialize(flink, PluginUtils.createPluginManagerFromRootFolder(flink));
    } catch (RuntimeException e) {
      throw new IOException(
          "Flink's file systems can't be set up from FLINK_CONF_DIR (%s) and FLINK_PLUGINS_DIR (%s): %s"
              .formatted(configuration, plugins, BadSnapshotException.reason(e)),
          e);
    }
  }
}
