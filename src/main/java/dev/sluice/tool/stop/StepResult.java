package dev.sluice.tool.stop;

import java.util.Locale;

/** How a step ended. */
public enum StepResult {
  OK,
  FAILED,
  /** Not run, because an earlier step decided the stop. */
  SKIPPED;

  /** The name in receipts, trails and metrics. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
