package dev.sluice.tool.cli;

import dev.sluice.tool.control.ControlRequest;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lets challengers start again. */
@Command(
    name = "reset",
    preprocessor = SettingFlags.class,
    header = "Lets challengers start again from the champion.",
    description = {"", "What they have learned is gone: only an older savepoint brings it back."},
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
      "  sluice control reset --key LAS",
      "  sluice control reset --every-key"
    })
final class ControlResetCommand implements Callable<Integer> {

  @Mixin ControlOptions options = new ControlOptions();

  @ArgGroup(multiplicity = "1")
  Which which = new Which();

  /** Every key must be asked for in so many words. */
  static final class Which {

    @Option(names = "--key", paramLabel = "KEY", description = "This key's.", required = true)
    @Nullable String key;

    @Option(names = "--every-key", description = "All of them.", required = true)
    boolean everyKey;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    return options.send(ControlRequest.reset(options.id(), options.key(which.key)));
  }
}
