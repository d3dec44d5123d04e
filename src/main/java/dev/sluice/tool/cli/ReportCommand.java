package dev.sluice.tool.cli;

import dev.sluice.tool.report.ReportFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a receipt as a page for people. */
@Command(
    name = "report",
    header = "Writes a receipt as one HTML page: verdict, timeline, proof, how to continue.",
    description = {
      "The page needs nothing else, no network and no script, and can be printed. Prints",
      "the page's file."
    },
    exitCodeList = {"0:written", "1:there is no receipt, or nothing was written"},
    footer = {
      "  sluice report receipt-sluice-1f2e3d4c.json",
      "  sluice report receipt-sluice-1f2e3d4c.json --output stop.html"
    })
final class ReportCommand extends ResultVerb {

  @Parameters(paramLabel = "RECEIPT", description = "A receipt's file.")
  Path receipt = Path.of("");

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Where the page goes (default: RECEIPT with .html in place of .json).")
  @Nullable Path file;

  @Option(names = "--force", description = "Replace FILE even if it is no report.")
  boolean force;

  @Override
  public Integer call() throws IOException {
    Path page = file == null ? ReportFile.defaultFor(receipt) : file.toAbsolutePath();
    ReportFile.write(receipt, page, force);
    return print(Map.of("page", page.toString()), out -> out.println(page));
  }
}
