package dev.sluice.tool.receipt;

import java.util.Optional;

/**
 * Marks the receipt of a savepoint that no stop has made: {@code rollback --model-only} has put
 * older models under a stop's offsets. Everything else in it is that stop's.
 */
public final class OlderModels {

  private static final String MODELS = "the models are those of ";
  private static final String REST = "; what was learned since is in ";

  private OlderModels() {}

  /**
   * The warning that such a receipt bears.
   *
   * @param older URI of the snapshot that the models are from
   * @param newest URI of the one that everything else is from
   */
  public static String warning(String older, String newest) {
    return "%s%s%s%s only".formatted(MODELS, older, REST, newest);
  }

  /** Where the models are from, if it is such a receipt; empty if it is that of a stop. */
  public static Optional<String> in(Receipt receipt) {
    return receipt.warnings().stream()
        .filter(warning -> warning.startsWith(MODELS) && warning.contains(REST))
        .map(warning -> warning.substring(MODELS.length(), warning.indexOf(REST)))
        .findFirst();
  }
}
