package dev.sluice.tool.cli;

import dev.sluice.tool.stop.JournalHistory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists the stops of a journal. */
@Command(
    name = "history",
    header = "Lists the stops that the journal records, the newest first.",
    exitCodeList = {"0:listed", "1:the journal can't be read"},
    footer = "  sluice history sluice")
final class HistoryCommand extends ClusterVerb {

  @Parameters(paramLabel = "JOB", arity = "0..1", description = "Only this one: its name or id.")
  String job = "";

  @Override
  public Integer call() throws IOException {
    Path journal = connection.cluster.journal();
    JournalHistory history = JournalHistory.of(journal, job);
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("journal", journal.toString());
    all.put("stops", history.stops());
    all.put("passedOver", history.passedOver());
    return print(
        all,
        out -> {
          history.lines().forEach(out::println);
          history.passedOver().forEach(why -> out.println("passed over: " + why));
          if (history.stops().isEmpty()) {
            out.println("There is no stop in %s.".formatted(journal));
          }
        });
  }
}
