package dev.sluice.tool.cli;

import dev.sluice.tool.refusal.RefusalCode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Stack;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Takes the job's own settings, {@code --sluice.x.y value} or {@code --sluice.x.y=value}, out of a
 * verb's arguments and gives them to its {@link JobArguments}: picocli knows no options of which
 * only the beginning is fixed.
 */
final class SettingFlags implements IParameterPreprocessor {

  private static final String PREFIX = "--sluice.";

  /** What Flink and Kafka call such settings; a file, an alias or a type is none itself. */
  private static final Pattern SECRET =
      Pattern.compile(
          ".*(password|passphrase|secret|token|apikey|api-key|jaas[.]config|keystore[.]key"
              + "|truststore[.]certificates|credential|authorization|basic[.]auth).*");

  private static final Pattern PLACE =
      Pattern.compile(
          ".*(file|path|location|dir|url|uri|endpoint|type|class|interval|timeout|seconds|ms)");

  @Override
  @SuppressWarnings("JdkObsolete") // the stack is picocli's
  public boolean preprocess(
      Stack<String> arguments,
      CommandSpec command,
      @Nullable ArgSpec argument,
      Map<String, Object> info) {
    Map<String, String> settings = arguments(command).flags;
    Deque<String> left = new ArrayDeque<>();
    while (!arguments.isEmpty()) {
      String next = arguments.pop();
      if (!next.startsWith(PREFIX)) {
        left.push(next);
        continue;
      }
      int equals = next.indexOf('=');
      String key = next.substring("--".length(), equals < 0 ? next.length() : equals);
      if (equals < 0 && arguments.isEmpty()) {
        throw new ParameterException(
            command.commandLine(), "--%s has no value: give it as --%s VALUE".formatted(key, key));
      }
      refuseSecret(command.commandLine(), key);
      String value = equals < 0 ? arguments.pop() : next.substring(equals + 1);
      if (settings.putIfAbsent(key, value) != null) {
        throw new ParameterException(command.commandLine(), "--%s is given twice".formatted(key));
      }
    }
    left.forEach(arguments::push);
    return false;
  }

  /** Every user of the machine, the shell's history and many logs see a command line. */
  private static void refuseSecret(CommandLine command, String key) {
    String name = key.toLowerCase(Locale.ROOT);
    if (SECRET.matcher(name).matches() && !PLACE.matcher(name).matches()) {
      throw new ParameterException(
          command,
          RefusalCode.SECRET_GIVEN.in(
              ("--%s holds a secret, and everybody on this machine can read a command line: write it into a file "
                      + "that only you can read, and give that with --settings FILE (or --kafka-properties FILE)")
                  .formatted(key)));
    }
  }

  private static JobArguments arguments(CommandSpec command) {
    return find(command)
        .orElseThrow(() -> new IllegalStateException(command.name() + " takes no settings"));
  }

  private static Optional<JobArguments> find(CommandSpec command) {
    for (CommandSpec mixin : command.mixins().values()) {
      if (mixin.userObject() instanceof JobArguments found) {
        return Optional.of(found);
      }
      Optional<JobArguments> inside = find(mixin);
      if (inside.isPresent()) {
        return inside;
      }
    }
    return Optional.empty();
  }
}
