package dev.sluice.model;

/** A champion's file can't be used: says what is wrong with it and what would be right. */
public final class ChampionException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ChampionException(String message) {
    super(message);
  }

  ChampionException(String message, Throwable cause) {
    super(message, cause);
  }
}
