package dev.sluice.tool.cli;

import dev.sluice.tool.control.ControlRequest;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Lets the job forget a key. */
@Command(
    name = "forget",
    preprocessor = SettingFlags.class,
    header = "Lets the job forget a key: its model and what is pending.",
    description = {
      "",
      "Outcomes that wait for their observation become dead letters. The key may come back as a",
      "new one; a pause of it stays. Older savepoints and the topics still hold it."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:accepted, also of a key that the job does not know",
      "1:rejected",
      "2:wrong usage",
      "4:no answer in time",
      "10:the brokers do not answer: try again"
    },
    footer = {"", "Example:", "  sluice control forget --key LAS"})
final class ControlForgetCommand implements Callable<Integer> {

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin ControlOptions options = new ControlOptions();

  @Option(names = "--key", paramLabel = "KEY", required = true, description = "The key.")
  String key = "";

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (key.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--key must not be empty");
    }
    return options.send(ControlRequest.forget(options.id(), key));
  }
}
