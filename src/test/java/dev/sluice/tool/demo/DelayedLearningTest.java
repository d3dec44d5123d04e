package dev.sluice.tool.demo;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.model.ChampionTrainer;
import dev.sluice.tool.scoring.Score;
import dev.sluice.tool.scoring.Scoreboard;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DelayedLearningTest {

  private static final Path DATA = Path.of("notebooks/data/flights-2001-500k.csv.gz");

  @Test
  void learningAtLandingBeatsTheFrozenChampionOnTheDaysAfter() throws IOException {
    byte[] champion =
        DelayedLearning.champion(DATA, 100_000, new ChampionTrainer.Parameters(.1, 3, 1, 1));
    Scoreboard.Result result =
        DelayedLearning.run(
            DATA, champion, DelayedLearning.settings(.07, .002, .9999), 100_000, 250_000);
    assertThat(result.evaluations()).isEqualTo(150_000);
    double ofChampion = requireNonNull(result.champion()).meanLoss();
    double ofChallenger = result.challenger().meanLoss();
    assertThat(ofChallenger).isLessThan(ofChampion - .008);
    assertThat(result.served().meanLoss()).isLessThan(ofChallenger + .002);
    assertThat(auc(result.challenger()))
        .isGreaterThan(auc(requireNonNull(result.champion())) + .005);
  }

  private static double auc(Score score) {
    return ((Score.OfLabels) score).auc().orElseThrow();
  }
}
