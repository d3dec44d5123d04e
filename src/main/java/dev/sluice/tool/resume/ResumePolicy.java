package dev.sluice.tool.resume;

import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.stop.KnownPlaces;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to resume and how.
 *
 * @param from a receipt's file, or a snapshot's URI
 * @param rest addresses of Flink's REST interface; several with high availability
 * @param jar the job's
 * @param parallelism of the resumed job; null for that of the stopped one
 * @param heal whether to take an older snapshot instead of one that has lost answers
 * @param fork a new name for a second copy alongside the running job; null for none
 * @param sharesOutputs whether a job that reads other inputs may write to its output topics
 * @param settings of the job that are to differ from what they were
 * @param defaults settings from the job's file: what a receipt does not hold, or all of them
 *     without a receipt; may hold secrets
 * @param journal where receipts of earlier stops are
 * @param patience how long the job may take until it continues
 * @param connection the flags with which printed commands reach the same Flink, Kafka and journal;
 *     none if they were not given
 * @param keys check the receipt, and sign what is written into it
 */
public record ResumePolicy(
    String from,
    List<URI> rest,
    Path jar,
    @Nullable Integer parallelism,
    boolean heal,
    @Nullable String fork,
    boolean sharesOutputs,
    Map<String, String> settings,
    Map<String, String> defaults,
    Path journal,
    Duration patience,
    List<String> connection,
    ReceiptKeys keys) {

  public ResumePolicy {
    rest = List.copyOf(rest);
    settings = Map.copyOf(settings);
    defaults = Map.copyOf(defaults);
    connection = List.copyOf(connection);
  }

  /** The same for another receipt. */
  ResumePolicy of(Path receipt) {
    return with(receipt.toString(), defaults);
  }

  /**
   * The same from another snapshot, with the settings of the job that made it where the file of
   * settings says nothing.
   *
   * @param last the job's last receipt; null if there is none
   * @throws IOException if it names brokers that the operator does not know
   */
  public ResumePolicy latest(String snapshot, @Nullable Receipt last) throws IOException {
    return with(snapshot, settingsBefore(last, "the last receipt of the job"));
  }

  /**
   * The settings of a job as it was, as far as they are known.
   *
   * @param receipt of its stop, whose settings override those of the file; null for none
   * @param where that is, for messages
   * @throws IOException if it names brokers that the operator does not know
   */
  Map<String, String> settingsBefore(@Nullable Receipt receipt, String where) throws IOException {
    if (receipt == null) {
      return defaults;
    }
    Map<String, String> settings = secrets();
    settings.putAll(knownPlaces().settings(receipt, where));
    return settings;
  }

  private ResumePolicy with(String other, Map<String, String> standards) {
    return new ResumePolicy(
        other,
        rest,
        jar,
        parallelism,
        heal,
        fork,
        sharesOutputs,
        settings,
        standards,
        journal,
        patience,
        connection,
        keys);
  }

  /** The places that a receipt may name. */
  KnownPlaces knownPlaces() {
    return new KnownPlaces(settings, defaults, journal);
  }

  /** What neither a receipt nor a running job publishes, as a map of its own. */
  Map<String, String> secrets() {
    Map<String, String> secrets = new HashMap<>(defaults);
    secrets.keySet().removeAll(PublishedSettings.withoutSecrets(defaults).keySet());
    return secrets;
  }

  @Override
  public String toString() {
    return "ResumePolicy[%s at %s, parallelism %s, settings %s]"
        .formatted(from, rest, parallelism, settings.keySet().stream().sorted().toList());
  }
}
