package dev.sluice.tool.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows a context. */
@Command(
    name = "show",
    header = "Shows a context: which flags it stands for.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:shown", "1:the file can't be used, or has no such context", "2:wrong usage"},
    footer = {"", "Example:", "  sluice context show prod"})
final class ContextShowCommand implements Callable<Integer> {

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin OutputForm output = new OutputForm();

  @Parameters(paramLabel = "NAME", arity = "0..1", description = "Its name (default: that in use).")
  String name = "";

  @Override
  public Integer call() throws IOException {
    Chosen chosen = new Chosen();
    chosen.context = name.isEmpty() ? null : name;
    chosen.flag = "NAME";
    Context context = chosen.current(System.getenv());
    PrintWriter out = spec.commandLine().getOut();
    if (output.isJson()) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("name", context.name());
      all.put("places", context.places());
      output.print(out, all);
      return 0;
    }
    out.println("Context  " + context.name());
    context.places().forEach((flag, value) -> out.printf("--%s %s%n", flag, value));
    out.flush();
    return 0;
  }
}
