package dev.sluice.tool.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The verbs that a running job obeys. */
@Command(
    name = "control",
    header = "Tells a running job to pause, resume, promote a model, serve, reset or forget.",
    description = {
      "",
      "Each command is written to the control topic; the job answers it in the control log, with",
      "its next checkpoint. What it has accepted lives in its savepoints."
    },
    mixinStandardHelpOptions = true,
    subcommands = {
      ControlPauseCommand.class,
      ControlResumeCommand.class,
      ControlPromoteCommand.class,
      ControlConfirmCommand.class,
      ControlDropCommand.class,
      ControlServeCommand.class,
      ControlResetCommand.class,
      ControlForgetCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the job has accepted the command",
      "1:the job has rejected it",
      "2:wrong usage",
      "4:the job has not answered in time",
      "10:the brokers do not answer: try again"
    },
    footer = {
      "",
      "Examples:",
      "  sluice control pause --part scoring --key LAS",
      "  sluice control promote models/delay-2.tribuo --version 2",
      "",
      "sluice control VERB --help tells more of a verb."
    })
final class ControlCommand implements Runnable {

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing required verb");
  }
}
