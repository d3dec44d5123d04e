package dev.sluice.event;

import org.jspecify.annotations.Nullable;

/** What a record of the control topic asks for. */
public sealed interface Command {

  /**
   * Stop a part.
   *
   * @param key whose, null for every key's
   */
  record Pause(Part part, @Nullable String key) implements Command {}

  /**
   * Resume a part. Without a key everything is resumed, keys that were paused by name too; with
   * one, only that key's own pause ends: while every key is paused it stays so.
   *
   * @param key whose, null for every key's
   */
  record Resume(Part part, @Nullable String key) implements Command {}

  /**
   * Take another champion.
   *
   * @param uri its file
   * @param sha256 of its bytes, 64 lower-case hexadecimal digits
   * @param version the number that its predictions name, at least 1
   * @param reseed whether the challengers start again from it
   * @param shadow whether it first predicts alongside the champion, unserved
   */
  record Promote(String uri, String sha256, int version, boolean reseed, boolean shadow)
      implements Command {}

  /** Serve another way: champion, challenger or best. */
  record Serve(String policy) implements Command {}

  /**
   * Let challengers start again from the champion.
   *
   * @param key whose, null for every key's
   */
  record Reset(@Nullable String key) implements Command {}

  /**
   * Forget everything about a key: its model, what is pending, its timers. What its outcomes wait
   * for will not come, so they are answered; a pause by name stays.
   *
   * @param key whose
   */
  record Forget(String key) implements Command {}

  /** Let the shadow of this version take the champion's place. */
  record Confirm(int version) implements Command {}

  /** Forget the shadow of this version. */
  record Drop(int version) implements Command {}

  /** A part of the pipeline that can be paused while the rest runs. */
  enum Part {
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
}
