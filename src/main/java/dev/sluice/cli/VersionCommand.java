package dev.sluice.cli;

import dev.sluice.ops.flink.JobManager;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Tells versions. */
@Command(
    name = "version",
    preprocessor = SettingFlags.class,
    header = "Tells the versions of this tool, of Java, and of Flink if it answers.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:told", "1:an error", "2:wrong usage"},
    footer = {"", "Example:", "  sluice version -o json"})
final class VersionCommand implements Callable<Integer> {

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin OutputForm output = new OutputForm();
  @Mixin Connection connection = new Connection();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<String, Object> all = new LinkedHashMap<>();
    String version = Sluice.class.getPackage().getImplementationVersion();
    all.put("sluice", version == null ? "(unpackaged)" : version);
    all.put("java", System.getProperty("java.version"));
    all.put("flink", flink());
    PrintWriter out = spec.commandLine().getOut();
    if (output.isJson()) {
      output.print(out, all);
      return 0;
    }
    out.println("sluice " + all.get("sluice"));
    out.println("java   " + all.get("java"));
    out.println("flink  " + (all.get("flink") == null ? "(does not answer)" : all.get("flink")));
    out.flush();
    return 0;
  }

  /** Null if it does not answer: what it runs is asked for on the way, and holds nobody up. */
  private @Nullable String flink() throws InterruptedException {
    try {
      return new JobManager(connection.cluster.addresses(System.getenv()), Duration.ofSeconds(3))
          .flinkVersion();
    } catch (IOException e) {
      return null;
    }
  }
}
