package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Ledger;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real flights through the real job with honest label delay and no setting of the model changed:
 * the challengers beat the champion that they started from, and the blend beats both.
 */
class LearnsIT {

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();
  private final RealFlights flights = new RealFlights(cluster);

  @Test
  void defaultsBeatTheFrozenChampionOnRealFlights(@TempDir Path directory) throws Exception {
    RealFlights.Run run = flights.run("learns", Map.of(), directory);
    JsonNode score = run.score();
    System.out.println("LearnsIT: " + score);
    assertThat(score.get("evaluations").asInt())
        .isEqualTo(RealFlights.ROWS - RealFlights.CHAMPION_ROWS);
    assertThat(auc(score, "champion")).isBetween(0.70, 0.73);
    assertThat(auc(score, "challenger")).isGreaterThanOrEqualTo(0.730);
    assertThat(auc(score, "challenger")).isGreaterThan(auc(score, "champion"));
    assertThat(logLoss(score, "challenger")).isLessThanOrEqualTo(0.428);
    assertThat(logLoss(score, "challenger")).isLessThan(logLoss(score, "champion"));
    assertThat(auc(score, "served")).isGreaterThanOrEqualTo(0.748);
    assertThat(logLoss(score, "served")).isLessThanOrEqualTo(0.4175);
    assertThat(logLoss(score, "served")).isLessThan(logLoss(score, "challenger"));
    assertThat(logLoss(score, "served")).isLessThan(logLoss(score, "champion") - 0.01);
    new Ledger(broker, run.spec().topics(), run.spec().name())
        .below(SavepointModels.offsets(run.savepoint()))
        .read()
        .assertClean();
  }

  private static double auc(JsonNode score, String model) {
    return score.get(model).get("auc").asDouble();
  }

  private static double logLoss(JsonNode score, String model) {
    return score.get(model).get("logLoss").asDouble();
  }
}
