package dev.sluice.job;

import dev.sluice.model.ModelDescription;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import dev.sluice.settings.SluiceOptions;
import dev.sluice.state.Uids;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.io.SimpleVersionedSerialization;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares a job's settings with what the snapshot of its start says that it was made under.
 * Otherwise Flink takes a job whose settings were forgotten, and it fails in its tasks. Other
 * settings may change from run to run.
 */
final class RestoredSettings {

  private static final Logger LOG = LoggerFactory.getLogger(RestoredSettings.class);

  /** As Flink's SourceOperator names it. */
  private static final String SPLITS = "SourceReaderState";

  /** Any scheme but that of local files. */
  private static final Pattern OF_A_STORE = Pattern.compile("(?!file:)[A-Za-z][A-Za-z0-9+.-]*:.*");

  /** Control characters, formats such as the direction of text, line ends. */
  private static final Pattern UNSEEN = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

  private RestoredSettings() {}

  /**
   * What the comparison found.
   *
   * @param refusals which settings give the models another meaning; a sentence each
   * @param warnings what may be meant and may be forgotten; a sentence each
   */
  record Findings(List<String> refusals, List<String> warnings) {}

  /**
   * Checks before the job is submitted. A snapshot that can't be read from here is left to Flink.
   *
   * @throws SettingsException if they are not those of the snapshot
   */
  static void check(ReadableConfig flink, JobSettings now) {
    String snapshot = flink.getOptional(StateRecoveryOptions.SAVEPOINT_PATH).orElse("");
    if (snapshot.isEmpty()) {
      return;
    }
    Findings found;
    try {
      found = compare(snapshot, now);
    } catch (IOException
        | RuntimeException // file systems throw what they like
        | OutOfMemoryError // a corrupt length may be huge
        | StackOverflowError e) { // and handles within handles deep
      tell(notCompared(snapshot, e.toString().replaceAll("\\.+$", "")));
      return;
    }
    found.warnings().forEach(warning -> tell("Snapshot (%s): %s".formatted(snapshot, warning)));
    if (!found.refusals().isEmpty()) {
      throw new SettingsException(
          ("snapshot (%s) was made under other settings, and the job would fail in its tasks: %s. Start with the "
                  + "settings of its job, in --settings FILE or one by one ('sluice resume RECEIPT' knows them), or "
                  + "without a snapshot to learn from scratch")
              .formatted(snapshot, String.join("; ", found.refusals())));
    }
  }

  /**
   * The log of {@code flink run} is a file, and the user who starts the job reads the terminal.
   * Whoever wrote the snapshot has named its topics.
   */
  private static void tell(String warning) {
    LOG.warn("{}", warning);
    System.err.println("WARNING: " + UNSEEN.matcher(warning).replaceAll("?"));
  }

  private static String notCompared(String snapshot, String why) {
    boolean store = OF_A_STORE.matcher(snapshot).matches();
    return ("The settings were not compared with those of snapshot (%s), which can't be read from here: %s. Flink "
            + "takes the job all the same if it can read the snapshot itself, and under settings that do not fit "
            + "it fails in its tasks%s")
        .formatted(
            snapshot,
            why,
            store
                ? (". To have them compared set FLINK_CONF_DIR (%s) and FLINK_PLUGINS_DIR (%s) to the cluster's "
                        + "configuration and plugins")
                    .formatted(set("FLINK_CONF_DIR"), set("FLINK_PLUGINS_DIR"))
                : "");
  }

  private static String set(String variable) {
    String value = System.getenv(variable);
    return value == null ? "not set" : "now " + value;
  }

  /**
   * Compares them.
   *
   * @param snapshot as {@code flink run -s} takes it
   * @throws IOException if the snapshot can't be read from here
   */
  static Findings compare(String snapshot, JobSettings now) throws IOException {
    StoredLists stored = StoredLists.open(new Path(snapshot));
    List<String> refusals = new ArrayList<>();
    for (byte[] one : stored.read(Uids.LEARN_AND_PREDICT, Uids.DESCRIPTION_STATE)) {
      refusals.addAll(ModelDescription.decode(one).differences(now.model()));
    }
    return new Findings(refusals, topics(stored, now.topics().events()));
  }

  /**
   * A topic may be added, taken away or renamed. Where none is shared with before, that may be
   * another job's snapshot. Another control topic is warned of by {@link LearnAndPredictOperator}.
   */
  private static List<String> topics(StoredLists stored, List<String> now) throws IOException {
    Set<String> before = new TreeSet<>();
    KafkaPartitionSplitSerializer format = new KafkaPartitionSplitSerializer();
    for (byte[] split : stored.read(Uids.EVENTS, SPLITS)) {
      before.add(SimpleVersionedSerialization.readVersionAndDeSerialize(format, split).getTopic());
    }
    Set<String> shared = new TreeSet<>(before);
    shared.retainAll(now);
    if (before.isEmpty() || !shared.isEmpty()) {
      return List.of();
    }
    return List.of(
        ("%s is (%s), but the snapshot's job read (%s): the job continues in those partitions, too, as long as "
                + "they are there, and reads the other topics from where their logs begin. If that is not meant, "
                + "cancel "
                + "it and start with the settings of the snapshot's job")
            .formatted(
                SluiceOptions.EVENTS.key(), String.join(",", now), String.join(",", before)));
  }
}
