package dev.sluice.tool.cli;

import dev.sluice.tool.control.ControlRequest;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes the shadow the champion. */
@Command(
    name = "confirm",
    preprocessor = SettingFlags.class,
    header = "Makes the shadow the champion.",
    description = {
      "",
      "The shadow is the model of sluice control promote --shadow: so far it predicted beside the",
      "champion, and the evaluations topic compares them."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:accepted",
      "1:rejected",
      "2:wrong usage",
      "4:no answer in time",
      "10:the brokers do not answer: try again"
    },
    footer = {"", "Example:", "  sluice control confirm --version 2"})
final class ControlConfirmCommand implements Callable<Integer> {

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
    return options.send(ControlRequest.confirm(options.id(), version));
  }
}
