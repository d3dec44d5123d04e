package dev.sluice.tool.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes a context into use, for every later command of this user. */
@Command(
    name = "use",
    header = "Takes a context into use, for every later command of this user.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:written",
      "1:the file can't be used, or has no such context",
      "2:wrong usage"
    },
    footer = {"", "Example:", "  sluice context use prod"})
final class ContextUseCommand implements Callable<Integer> {

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin OutputForm output = new OutputForm();

  @Parameters(paramLabel = "NAME", description = "The context's name.")
  String name = "";

  @Override
  public Integer call() throws IOException {
    Contexts contexts = Contexts.read(Contexts.file(System.getenv()));
    if (!contexts.all().containsKey(name)) {
      throw new IOException(
          "(%s) is none of the contexts %s of %s"
              .formatted(name, contexts.all().keySet(), contexts.file()));
    }
    contexts.using(name).write();
    PrintWriter out = spec.commandLine().getOut();
    if (output.isJson()) {
      output.print(out, Map.of("current", name));
    } else {
      out.println("In use: " + name);
      out.flush();
    }
    return 0;
  }
}
