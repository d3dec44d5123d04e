package dev.sluice.event;

/** A part of the pipeline that can be paused while the rest runs. */
public enum Part {
  /** Outcomes are evaluated, and nothing is learned from them. */
  LEARNING("learning"),
  /** Observations are deferred. */
  SCORING("scoring"),
  /** Both. */
  ALL("all");

  private final String code;

  Part(String code) {
    this.code = code;
  }

  /** The name in control commands. */
  public String code() {
    return code;
  }

  /** As it is typed. */
  @Override
  public String toString() {
    return code;
  }
}
