package dev.sluice.tool.training;

import dev.sluice.model.ChampionErrors;
import java.time.Instant;

/**
 * How a champion does on the last part of its examples, in the order of their observations, against
 * the best constant of the part before.
 *
 * @param examples how many were held out
 * @param laterOutcomes examples of the part before whose outcome came when the held-out part had
 *     begun, and which so were not learned
 * @param from the first one's time
 * @param to the last one's time
 * @param champion of one that was trained on the part before
 * @param constant what it must not be worse than
 * @param whole of the champion that was trained on all examples, these among them
 */
public record HeldOut(
    int examples,
    int laterOutcomes,
    Instant from,
    Instant to,
    ChampionErrors champion,
    ChampionErrors constant,
    ChampionErrors whole) {

  /** Two losses whose quotient is nearer to 1 are equal but for rounding. */
  private static final double ROUNDING = 1e-9;

  /** Whether the constant is better than one of the two champions. */
  public boolean isWorse() {
    double most = constant.judged() * (1 + ROUNDING);
    return !(champion.judged() <= most && whole.judged() <= most);
  }
}
