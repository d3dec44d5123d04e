package dev.sluice.tool.cli;

import dev.sluice.tool.control.ControlRequest;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Changes what serves. */
@Command(
    name = "serve",
    preprocessor = SettingFlags.class,
    header = "Changes what serves predictions, for every key at once.",
    description = {
      "",
      "best: each key serves whichever of the two has the lower prequential log loss."
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
    footer = {"", "Example:", "  sluice control serve best"})
final class ControlServeCommand implements Callable<Integer> {

  @Mixin ControlOptions options = new ControlOptions();

  @Parameters(paramLabel = "POLICY", description = "${COMPLETION-CANDIDATES}.")
  ControlRequest.Policy policy = ControlRequest.Policy.BEST;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return options.send(ControlRequest.serve(options.id(), policy));
  }
}
