package dev.sluice.tool.savepoint;

import dev.sluice.control.Pauses;

/**
 * What control commands have paused for a key.
 *
 * @param learning whether its model learns
 * @param scoring whether its observations are predicted; they are deferred otherwise
 */
public record KeyPauses(Scope learning, Scope scoring) {

  /** By which command a key is paused. */
  public enum Scope {
    /** It is not. */
    NONE("none"),
    /** By one that named it. */
    KEY("key"),
    /** By one for every key. */
    EVERY_KEY("every-key");

    private final String code;

    Scope(String code) {
      this.code = code;
    }

    /** Its name for programs. */
    public String code() {
      return code;
    }

    static Scope of(Pauses pauses, String key) {
      if (pauses.everyKey()) {
        return EVERY_KEY;
      }
      return pauses.holds(key) ? KEY : NONE;
    }
  }

  /** What is paused, for people; "nothing" if nothing is. */
  public String words() {
    if (learning == scoring) {
      return learning == Scope.NONE ? "nothing" : "learning and scoring" + by(learning);
    }
    if (learning == Scope.NONE) {
      return "scoring" + by(scoring);
    }
    return "learning" + by(learning) + (scoring == Scope.NONE ? "" : ", scoring" + by(scoring));
  }

  private static String by(Scope scope) {
    return scope == Scope.KEY ? " of this key" : " of every key";
  }
}
