package dev.sluice.tool.cli;

import dev.sluice.tool.refusal.RefusalCode;
import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Keeps secrets off the command line, where every user of the machine, the shell's history and many
 * logs see them.
 */
final class Secrets {

  /** What Flink and Kafka call such settings; a file, an alias or a type is none itself. */
  private static final Pattern SECRET =
      Pattern.compile(
          ".*(password|passphrase|secret|token|apikey|api-key|jaas[.]config|keystore[.]key"
              + "|truststore[.]certificates|credential|authorization|basic[.]auth).*");

  private static final Pattern PLACE =
      Pattern.compile(
          ".*(file|path|location|dir|url|uri|endpoint|type|class|interval|timeout|seconds|ms)");

  private Secrets() {}

  /** Whether a setting of this name holds a secret. */
  static boolean holds(String key) {
    String name = key.toLowerCase(Locale.ROOT);
    return SECRET.matcher(name).matches() && !PLACE.matcher(name).matches();
  }

  /**
   * Refuses a setting that holds one, without its value.
   *
   * @throws ParameterException if it does
   */
  static void refuse(CommandLine command, String key) {
    if (holds(key)) {
      throw new ParameterException(
          command,
          RefusalCode.SECRET_GIVEN.in(
              "--%s holds a secret, and everybody on this machine can read a command line: write it into a file that only you can read, and give that with --settings FILE (or --kafka-properties FILE)"
                  .formatted(key)));
    }
  }
}
