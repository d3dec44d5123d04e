package dev.sluice.tool.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.sluice.event.Origin;
import dev.sluice.event.Target;
import dev.sluice.tool.training.AnswerReader.Joint;
import dev.sluice.tool.training.MetOutcomes.Met;
import dev.sluice.tool.training.MetOutcomes.Pair;
import dev.sluice.tool.training.MetOutcomes.Predicted;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How outcomes meet observations, and what that takes. */
class MetOutcomesTest {

  private static final int MANY = 200_000;

  /** Seconds are enough; a time that grows by the square takes minutes. */
  private static final Duration MOST = Duration.ofSeconds(30);

  @Test
  void manyOfOneNameTakeNoTimeThatGrowsByTheSquare() {
    List<Pair> pairs =
        assertTimeoutPreemptively(
            MOST,
            () -> {
              MetOutcomes met = new MetOutcomes(MANY);
              Joint same = new Joint("k", "1", 10);
              for (int i = 0; i < MANY; i++) {
                add(met, same, 2L * i + 1);
              }
              met.close();
              for (int twice = 0; twice < 2; twice++) {
                for (int i = 0; i < MANY; i++) {
                  met.add(same, predicted(2L * i));
                }
              }
              assertThat(met.open()).isZero();
              return met.pairs();
            });
    assertThat(pairs)
        .hasSize(MANY)
        .allMatch(
            pair -> pair.met().outcome().offset() == pair.predicted().observation().offset() + 1);
  }

  @Test
  void namesOfTheSameHashTakeNoTimeThatGrowsByTheSquare() {
    int names = 1 << 16;
    int found =
        assertTimeoutPreemptively(
            MOST,
            () -> {
              MetOutcomes met = new MetOutcomes(names);
              for (int i = 0; i < names; i++) {
                add(met, new Joint(colliding(i), "1", 10), 2L * i + 1);
              }
              met.close();
              for (int i = 0; i < names; i++) {
                met.add(new Joint(colliding(i), "1", 10), predicted(2L * i));
              }
              return met.pairs().size();
            });
    assertThat(found).isEqualTo(names);
  }

  /** Each bit is one of two pairs of letters with the same hash. */
  private static String colliding(int bits) {
    StringBuilder text = new StringBuilder(32);
    for (int bit = 0; bit < 16; bit++) {
      text.append((bits >> bit & 1) == 0 ? "Aa" : "BB");
    }
    return text.toString();
  }

  private static void add(MetOutcomes met, Joint joint, long offset) {
    met.add(new Met(joint, new Origin("a", 0, offset), offset, 0, new Target.Label("late")));
  }

  private static Predicted predicted(long offset) {
    return new Predicted(new Origin("a", 0, offset), 0, null);
  }
}
