package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.cluster.LocalCluster;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What choosing by key is for: with a learning rate that suits some airports and not others, some
 * challengers are better than the champion and some are worse, and {@code best} is better than
 * either for all.
 */
@Tag("operations")
class BestServingIT {

  @Test
  void servingEachKeysBetterModelBeatsServingEitherToAll(@TempDir Path directory) throws Exception {
    JsonNode score =
        new RealFlights(LocalCluster.shared())
            .run(
                "best-serving",
                Map.of("sluice.model.learning-rate", "0.4", "sluice.serving.policy", "best"),
                directory)
            .score();
    System.out.println("BestServingIT: " + score);
    double served = logLoss(score, "served");
    assertThat(served).isLessThan(logLoss(score, "champion") - 0.001);
    assertThat(served).isLessThan(logLoss(score, "challenger") - 0.001);
    assertThat(score.at("/championsKeys/keys").asInt()).isGreaterThan(20);
    assertThat(score.at("/championsKeys/served").asDouble())
        .isLessThan(score.at("/championsKeys/challenger").asDouble());
    assertThat(score.at("/challengersKeys/keys").asInt()).isGreaterThan(20);
    assertThat(score.at("/challengersKeys/served").asDouble())
        .isLessThan(score.at("/challengersKeys/champion").asDouble());
  }

  private static double logLoss(JsonNode score, String model) {
    return score.get(model).get("logLoss").asDouble();
  }
}
