package dev.sluice.tool.receipt;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Removes from a receipt that is read what no receipt of this tool has ever needed: anyone who can
 * write next to a savepoint can write a receipt.
 *
 * <p>A property of Kafka's clients can name classes, files and config providers, and a setting of
 * Flink can name file systems, libraries and JVM options; either would be used by the user who
 * verifies or resumes. Secrets come from the operator's own settings only.
 */
public final class Unasked {

  /** How the warning begins that names what was taken out. */
  public static final String WARNING = "not taken from the receipt, for anybody can write one: ";

  private static final String KAFKA = "sluice.kafka.properties.";
  private static final String ENRICH_TOKEN = "sluice.enrich.token";

  /** What a job needs to continue as it was, and no more. */
  private static final Set<String> FLINK =
      Set.of(
          "execution.checkpointing.interval",
          "execution.checkpointing.timeout",
          "execution.checkpointing.externalized-checkpoint-retention");

  private static final Pattern FLINK_VALUE = Pattern.compile("[A-Za-z0-9_ ]{1,40}");

  /** Control characters, formats such as the direction of text, line ends. */
  private static final Pattern UNSEEN = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

  private Unasked() {}

  /** The receipt without it; a warning names what was there. */
  static Receipt removed(Receipt receipt) {
    SortedMap<String, String> settings = new TreeMap<>(receipt.job().settings());
    SortedMap<String, String> flink = new TreeMap<>(receipt.job().flink());
    settings.keySet().removeIf(key -> key.startsWith(KAFKA) || key.equals(ENRICH_TOKEN));
    flink
        .entrySet()
        .removeIf(
            setting ->
                !FLINK.contains(setting.getKey())
                    || !FLINK_VALUE.matcher(setting.getValue()).matches());
    Set<String> removed = new TreeSet<>(receipt.job().settings().keySet());
    removed.addAll(receipt.job().flink().keySet());
    removed.removeAll(settings.keySet());
    removed.removeAll(flink.keySet());
    return removed.isEmpty() ? receipt : receipt.with(settings, flink, warned(receipt, removed));
  }

  private static List<String> warned(Receipt receipt, Set<String> removed) {
    List<String> warnings = new ArrayList<>(receipt.warnings());
    String names = removed.stream().map(Unasked::shown).collect(Collectors.joining(", "));
    boolean kafka = removed.stream().anyMatch(key -> key.startsWith(KAFKA));
    warnings.add(
        WARNING + names + (kafka ? ". What a secured Kafka needs comes from --settings FILE" : ""));
    return List.copyOf(warnings);
  }

  /** Texts of other parties, without characters that a terminal would interpret. */
  public static String shown(String text) {
    return UNSEEN.matcher(text).replaceAll("?");
  }

  /** The warnings of a receipt that say what was taken out of it. */
  public static List<String> warnings(Receipt receipt) {
    return receipt.warnings().stream().filter(text -> text.startsWith(WARNING)).toList();
  }
}
