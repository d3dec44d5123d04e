package dev.sluice.tool.cli;

import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** Prints versions. */
@Command(
    name = "version",
    header = "Prints the versions of this tool, of Java, and of Flink if it answers.",
    exitCodeList = {"0:shown", "1:an error"},
    footer = "  sluice version -o json")
final class VersionCommand extends ClusterVerb {

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<String, Object> all = new LinkedHashMap<>();
    String version = Sluice.class.getPackage().getImplementationVersion();
    all.put("sluice", version == null ? "(unpackaged)" : version);
    all.put("java", System.getProperty("java.version"));
    Answer flink = flink();
    all.put("flink", flink.version());
    return print(
        all,
        out -> {
          out.println("sluice " + all.get("sluice"));
          out.println("java   " + all.get("java"));
          out.println(
              "flink  " + (flink.version() == null ? "(" + flink.why() + ")" : flink.version()));
        });
  }

  /**
   * What Flink says.
   *
   * @param version null if it does not answer
   * @param why there is no version
   */
  private record Answer(@Nullable String version, String why) {}

  /**
   * Flink's version is queried in addition; neither a failure nor an incomplete context delays the
   * rest.
   */
  private Answer flink() throws InterruptedException {
    try {
      List<URI> addresses = connection.cluster.addresses();
      return new Answer(
          connection.services().flink(addresses, ToolServices.MENTION).flinkVersion(), "");
    } catch (ParameterException e) {
      if (!connection.cluster.rest.isEmpty()) {
        throw e; // of the command line, not of contexts or the environment
      }
      return new Answer(null, "not asked: " + e.getMessage());
    } catch (UncheckedIOException e) {
      return new Answer(null, "not asked: " + Objects.requireNonNull(e.getCause()).getMessage());
    } catch (IOException e) {
      return new Answer(null, "does not answer");
    }
  }
}
