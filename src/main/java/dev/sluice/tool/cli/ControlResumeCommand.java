package dev.sluice.tool.cli;

import dev.sluice.tool.control.ControlRequest;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Takes learning or scoring up again. */
@Command(
    name = "resume",
    preprocessor = SettingFlags.class,
    header = "Takes learning, scoring or both up again.",
    description = {
      "",
      "With no key it ends the pauses of every key. What was deferred stays so until sluice replay",
      "feeds it back."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:accepted",
      "1:rejected",
      "2:wrong usage",
      "4:no answer in time",
      "10:the brokers do not answer: try again"
    },
    footer = {
      "",
      "Examples:",
      "  sluice control resume",
      "  sluice control resume --part scoring --key LAS"
    })
final class ControlResumeCommand implements Callable<Integer> {

  @Mixin ControlOptions options = new ControlOptions();

  @Option(
      names = "--part",
      paramLabel = "PART",
      defaultValue = "all",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  ControlRequest.Part part = ControlRequest.Part.ALL;

  @Option(names = "--key", paramLabel = "KEY", description = "Only this key (default: every key).")
  @Nullable String key;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return options.send(ControlRequest.resume(options.id(), part, options.key(key)));
  }
}
