package dev.sluice.support.traffic;

/** What the traffic's outcomes contain. */
public enum TargetKind {
  /** One of the labels {@code ontime} and {@code late}. */
  LABELS,
  /** A number. */
  VALUES
}
