package dev.sluice.tool.cli;

import dev.sluice.tool.control.ControlRequest;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Forgets the shadow. */
@Command(
    name = "drop",
    preprocessor = SettingFlags.class,
    header = "Forgets the shadow.",
    description = {
      "",
      "The shadow is the model of sluice control promote --shadow. The champion stays."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:accepted",
      "1:rejected",
      "2:wrong usage",
      "4:no answer in time",
      "10:the brokers do not answer: try again"
    },
    footer = {"", "Example:", "  sluice control drop --version 2"})
final class ControlDropCommand implements Callable<Integer> {

  @Mixin ControlOptions options = new ControlOptions();

  /** Its own, because the standard ones take {@code --version} for the tool's. */
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help message and exit.")
  boolean help;

  @Option(
      names = "--version",
      required = true,
      paramLabel = "N",
      description = "The version that it was promoted with.")
  int version;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return options.send(ControlRequest.drop(options.id(), version));
  }
}
