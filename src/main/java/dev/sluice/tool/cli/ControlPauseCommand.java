package dev.sluice.tool.cli;

import dev.sluice.tool.control.ControlRequest;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Pauses learning or scoring. */
@Command(
    name = "pause",
    preprocessor = SettingFlags.class,
    header = "Pauses learning, scoring or both, for one key or for every key.",
    description = {
      "",
      "Outcomes are still evaluated while learning is paused. Observations that come while scoring",
      "is paused are deferred; sluice replay feeds them back."
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
      "  sluice control pause",
      "  sluice control pause --part scoring --key LAS"
    })
final class ControlPauseCommand implements Callable<Integer> {

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
    return options.send(ControlRequest.pause(options.id(), part, options.key(key)));
  }
}
