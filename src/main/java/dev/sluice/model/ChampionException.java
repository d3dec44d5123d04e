package dev.sluice.model;

/** A champion's file can't be used: says what is wrong with it and what would be right. */
public final class ChampionException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Says what is wrong. */
  public ChampionException(String message) {
    super(message);
  }

  /** Says what is wrong, and what was behind it. */
  public ChampionException(String message, Throwable cause) {
    super(message, cause);
  }
}
