package dev.sluice.model;

/** Which of a key's two models is served. Without a champion it is always the challenger. */
public enum ServingPolicy {
  /** Always the champion. */
  CHAMPION("champion"),
  /** Always the challenger. */
  CHALLENGER("challenger"),
  /** Each key's better one by fading prequential loss, with hysteresis. */
  BEST("best");

  private final String code;

  ServingPolicy(String code) {
    this.code = code;
  }

  /** The name in settings and control commands. */
  public String code() {
    return code;
  }

  /**
   * The policy of that {@link #code()}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static ServingPolicy ofCode(String code) {
    return Codes.find("serving policy", values(), ServingPolicy::code, code);
  }
}
