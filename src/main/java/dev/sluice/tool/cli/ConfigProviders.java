package dev.sluice.tool.cli;

import dev.sluice.settings.SettingsException;
import java.util.Collection;

/**
 * Keeps Kafka's config providers out of every client of this tool. A provider puts a file's content
 * or a variable's value into a client's properties, so that anyone who can add one property to the
 * settings can read this user's files. The job may use them; the tool asks more people's files.
 */
final class ConfigProviders {

  /** Kafka's own switch: the classes that are allowed, and there is none of this name. */
  private static final String ALLOWED = "org.apache.kafka.automatic.config.providers";

  private static final String NONE = "none";
  private static final String PROPERTY = "config.providers";
  private static final String SETTING = "sluice.kafka.properties." + PROPERTY;

  private ConfigProviders() {}

  /** Switches them off in this process, unless its command line says which are allowed. */
  static void switchOff() {
    if (System.getProperty(ALLOWED) == null) {
      System.setProperty(ALLOWED, NONE);
    }
  }

  /**
   * Says why before Kafka does.
   *
   * @param keys of settings or of a client's properties
   * @throws SettingsException if one of them names a provider, and the process allows none
   */
  static void refuse(Collection<?> keys) {
    if (!System.getProperty(ALLOWED, NONE).equals(NONE)) {
      return;
    }
    for (Object key : keys) {
      String name = String.valueOf(key);
      if (name.equals(PROPERTY) || name.equals(SETTING)) {
        throw new SettingsException(
            ("%s: this tool asks no config provider. Give it the values themselves, in a file "
                    + "that only you can read, with --settings FILE (or --kafka-properties FILE); or "
                    + "name the providers' classes to its JVM with -D%s=CLASS,CLASS")
                .formatted(name, ALLOWED));
      }
    }
  }
}
