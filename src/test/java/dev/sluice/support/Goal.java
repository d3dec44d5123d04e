package dev.sluice.support;

/** What the traffic's outcomes tell. */
public enum Goal {
  /** One of the labels {@code ontime} and {@code late}. */
  LABELS,
  /** A number. */
  VALUES
}
