package dev.sluice.tool.stop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.Unasked;
import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * Judges the places that a receipt names: brokers and feature services get the operator's
 * credentials, and a receipt may come from anyone who can write next to a savepoint. So a place is
 * taken from a receipt only if the operator's settings name it, or if a stop did that this operator
 * has run: its journal is only his.
 *
 * @param flags settings given one by one; they override the receipt
 * @param file settings of the operator's file
 * @param journal the operator's own
 */
public record KnownPlaces(Map<String, String> flags, Map<String, String> file, Path journal) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LONGEST_FILE = 64L << 20;

  public KnownPlaces {
    flags = Map.copyOf(flags);
    file = Map.copyOf(file);
  }

  /**
   * The settings of a receipt's job as the operator permits them: without secrets, and at the
   * places of the flags.
   *
   * @param where the receipt is, for messages
   * @throws IOException if it names a place that the operator does not
   */
  public SortedMap<String, String> settings(Receipt receipt, String where) throws IOException {
    return settings(receipt, where, PublishedSettings.places());
  }

  /** The same for one who only asks the brokers. */
  public SortedMap<String, String> brokerSettings(Receipt receipt, String where)
      throws IOException {
    return settings(receipt, where, PublishedSettings.brokers());
  }

  private SortedMap<String, String> settings(Receipt receipt, String where, List<String> places)
      throws IOException {
    SortedMap<String, String> settings = PublishedSettings.withoutSecrets(receipt.job().settings());
    for (String key : places) {
      String ours = flags.get(key);
      if (ours != null) {
        settings.put(key, ours);
      }
      String named = settings.get(key);
      if (named != null
          && ours == null
          && !named.equals(file.get(key))
          && !isInJournal(key, named)) {
        throw new IOException(RefusalCode.RECEIPT_UNKNOWN_BROKERS.in(refusal(where, key, named)));
      }
    }
    return settings;
  }

  private String refusal(String where, String key, String named) {
    String ours = file.get(key);
    return ("%s names %s = (%s), and anybody can write a receipt: %s, and no stop in the "
            + "journal %s was of a job there. If it is yours, say --%s %s; passwords and other "
            + "properties of Kafka's clients come from --settings FILE, never from a receipt")
        .formatted(
            where,
            key,
            Unasked.shown(named),
            ours == null
                ? "no settings given here name it"
                : "the settings given here name (%s)".formatted(ours),
            journal,
            key,
            Unasked.shown(ShellWords.join(List.of(named))));
  }

  /** Receipts and entries of the journal both hold the settings of the job that was stopped. */
  private boolean isInJournal(String key, String named) throws IOException {
    if (!Files.isDirectory(journal)) {
      return false;
    }
    try (Stream<Path> files = Files.list(journal)) {
      for (Path stop : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        if (named.equals(settings(stop).get(key))) {
          return true;
        }
      }
    }
    return false;
  }

  private static Map<String, String> settings(Path stop) {
    Map<String, String> settings = new HashMap<>();
    try {
      if (Files.isRegularFile(stop) && Files.size(stop) <= LONGEST_FILE) {
        JsonNode job = JSON.readTree(stop.toFile()).path("job");
        job.path("settings")
            .properties()
            .forEach(setting -> settings.put(setting.getKey(), setting.getValue().asText()));
      }
    } catch (IOException noStop) {
      settings.clear(); // what can't be read names nothing
    }
    return settings;
  }
}
