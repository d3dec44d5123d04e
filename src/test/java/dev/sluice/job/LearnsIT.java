package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Ledger;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real flights through the real job with honest label delay: the challengers beat the champion that
 * they started from, and serving the better of the two costs nothing against the better one.
 */
class LearnsIT {

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();
  private final RealFlights flights = new RealFlights(cluster);

  @Test
  void challengersBeatTheFrozenChampionOnRealFlights(@TempDir Path directory) throws Exception {
    RealFlights.Run run = flights.run("learns", "0.07", directory);
    JsonNode score = run.score();
    assertThat(score.get("evaluations").asInt())
        .isEqualTo(RealFlights.ROWS - RealFlights.CHAMPION_ROWS);
    assertThat(auc(score, "champion")).isBetween(0.70, 0.73);
    assertThat(auc(score, "challenger")).isGreaterThanOrEqualTo(0.730);
    assertThat(auc(score, "challenger")).isGreaterThan(auc(score, "champion"));
    assertThat(logLoss(score, "challenger")).isLessThanOrEqualTo(0.428);
    assertThat(logLoss(score, "challenger")).isLessThan(logLoss(score, "champion"));
    assertThat(auc(score, "served")).isGreaterThanOrEqualTo(auc(score, "challenger") - 0.002);
    assertThat(logLoss(score, "served")).isLessThanOrEqualTo(logLoss(score, "challenger") + 0.002);
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
