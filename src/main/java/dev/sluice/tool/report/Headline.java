package dev.sluice.tool.report;

import dev.sluice.tool.receipt.Receipt;
import org.jspecify.annotations.Nullable;

/**
 * The verdict in a few words, those of the guard's status page.
 *
 * @param tone the colour: {@code good}, {@code care} or {@code bad}
 * @param title how the stop ended
 * @param text what that means
 * @param hint the exit code of {@code sluice stop}
 */
record Headline(String tone, String title, String text, String hint) {

  private Headline(String tone, String title, String text, Receipt receipt) {
    this(tone, title, text, "Exit code %s of sluice stop.".formatted(receipt.outcome().exitCode()));
  }

  static Headline of(Receipt receipt) {
    Receipt.Snapshot snapshot = receipt.snapshot();
    String where = snapshot == null ? "" : snapshot.uri();
    if (receipt.unfinished()) {
      return new Headline(
          "care",
          "Stopped, but the proof has not come to its end",
          "The files and models of the savepoint were not read yet: %s.".formatted(where),
          "sluice stop had not ended when this was written.");
    }
    return switch (receipt.outcome()) {
      case PROVED -> proved(receipt, where);
      case ESCALATED ->
          new Headline(
              "care",
              "Stopped without a savepoint, as requested",
              snapshot == null
                  ? "Nothing was kept that the job could be resumed from."
                  : "Its last checkpoint is kept: %s.".formatted(where),
              receipt);
      case UNPROVED ->
          new Headline(
              "bad",
              "Stopped, but the proof failed",
              snapshot == null
                  ? "The savepoint can't be read: see the problems."
                  : "Read the problems before you resume. The savepoint is %s.".formatted(where),
              receipt);
      case FAILED_WHILE_STOPPING ->
          new Headline(
              "bad",
              "Saved, but the job failed while it stopped",
              snapshot == null
                  ? "The savepoint can't be read: see the problems."
                  : "%s is the only snapshot to resume from; the resume commits what is still open."
                      .formatted(where),
              receipt);
      default -> throw notStopped(receipt);
    };
  }

  /** {@link Receipt} refuses such an outcome. */
  static IllegalArgumentException notStopped(Receipt receipt) {
    return new IllegalArgumentException(receipt.outcome() + " has no receipt");
  }

  private static Headline proved(Receipt receipt, String where) {
    return receipt.notProved().isEmpty()
        ? new Headline(
            "good", provedTitle(receipt.snapshot()), "Saved in %s.".formatted(where), receipt)
        : new Headline(
            "care",
            "Stopped, and proved in part",
            "Saved in %s. Not proved: %s.".formatted(where, String.join("; ", receipt.notProved())),
            receipt);
  }

  private static String provedTitle(Receipt.@Nullable Snapshot snapshot) {
    return snapshot != null && snapshot.drained()
        ? "Ended for good, and proved: nothing was lost, doubled or corrupted"
        : "Stopped, and proved: nothing was lost, doubled or corrupted";
  }

  Html html() {
    return Html.tag(
        "section class=\"card verdict\" data-tone=\"%s\"".formatted(tone),
        Html.tag("span class=\"mark\" aria-hidden=\"true\"", ""),
        Html.tag(
            "div",
            Html.tag("h2 id=\"verdict\"", title),
            Html.tag("p", text),
            Html.tag("p class=\"hint\"", hint)));
  }
}
