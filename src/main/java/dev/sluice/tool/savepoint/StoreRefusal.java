package dev.sluice.tool.savepoint;

import java.util.Set;
import org.apache.flink.core.fs.Path;

/** Distinguishes a store that refuses from one that does not answer; its client is a plugin's. */
final class StoreRefusal {

  /** Of the S3 clients of Flink's plugins, and of local files. */
  private static final Set<String> NAMES =
      Set.of(
          "AccessDeniedException",
          "UnknownStoreException",
          "NoSuchBucketException",
          "NoAuthWithAWSException");

  private StoreRefusal() {}

  /** Whether it said no, which waiting does not change. */
  static boolean isBehind(Throwable thrown) {
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      if (NAMES.contains(at.getClass().getSimpleName())) {
        return true;
      }
    }
    return false;
  }

  /** What to check; local files need no credentials. */
  static String advice(Path file) {
    String scheme = file.toUri().getScheme();
    if (scheme == null || scheme.equals("file")) {
      return "check that it exists and that this process's user has the rights to it";
    }
    return "check that it exists and that this process has the rights to it (its credentials come from %s)"
        .formatted(configuration());
  }

  /** What to check where a file system does not answer; local files have no address. */
  static String silence(Path file) {
    String scheme = file.toUri().getScheme();
    if (scheme == null || scheme.equals("file")) {
      return "check that it is there";
    }
    return "check that it is there (its address, %s, comes from %s)"
        .formatted(scheme.startsWith("s3") ? "s3.endpoint" : "where one is set", configuration());
  }

  private static String configuration() {
    String configuration = System.getenv("FLINK_CONF_DIR");
    return "FLINK_CONF_DIR's config.yaml, which is "
        + (configuration == null ? "not set" : "in " + configuration);
  }
}
