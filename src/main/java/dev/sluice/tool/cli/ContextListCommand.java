package dev.sluice.tool.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the contexts; a star is before the one in use. */
@Command(
    name = "list",
    header = "Lists the contexts; a star is before the one in use.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:shown", "1:the file can't be used, or has no such context", "2:wrong usage"},
    footer = {"", "Example:", "  sluice context list"})
final class ContextListCommand implements Callable<Integer> {

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin OutputForm output = new OutputForm();

  @Override
  public Integer call() throws IOException {
    Contexts contexts = Contexts.read(Contexts.file(System.getenv()));
    PrintWriter out = spec.commandLine().getOut();
    if (output.isJson()) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("file", contexts.file().toString());
      all.put("current", contexts.current().isEmpty() ? null : contexts.current());
      all.put("contexts", contexts.all().keySet());
      output.print(out, all);
      return 0;
    }
    for (Context each : contexts.all().values()) {
      out.printf(
          "%s %s  %s%n",
          each.name().equals(contexts.current()) ? "*" : " ",
          each.name(),
          each.place(Context.Place.REST));
    }
    if (contexts.all().isEmpty()) {
      out.println("There is no context in " + contexts.file());
    }
    out.flush();
    return 0;
  }
}
