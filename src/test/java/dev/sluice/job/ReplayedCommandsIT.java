package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.model.Champion;
import dev.sluice.support.cluster.ControlTopic;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavedKeys;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Answers;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.traffic.SeededTraffic;
import dev.sluice.support.traffic.TargetKind;
import dev.sluice.support.traffic.TrafficRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job under load is given commands, and is then resumed from a savepoint of before all of them.
 * Its control source now delivers the commands at once, long before the events at which they took
 * effect, and the promoted file is gone.
 */
class ReplayedCommandsIT {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();

  @TempDir private Path models;

  @Test
  void aReplayWithCommandsInItsRangeMakesTheSameModelsAndAnswers() throws Exception {
    JobTopics topics = JobTopics.named("replayed-commands").create(broker, 4);
    JobSpec spec =
        StopResume.spec("replayed-commands", "rocksdb", topics)
            .set("sluice.champion.uri", file("1", ControlHarness.champion(1)));
    JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
    try (TrafficRun traffic =
            TrafficRun.start(
                broker,
                new SeededTraffic(7, 8, TargetKind.LABELS),
                topics.events(),
                Long.MAX_VALUE,
                400);
        ControlTopic control = new ControlTopic(broker, topics)) {
      job.run(2);
      Answers.awaitCount(broker, topics.evaluations(), 100, LIMIT);
      String before = job.stop();
      job.resume(2, before);
      command(control);
      job.awaitCheckpoints(1);
      traffic.stop();
      job.awaitNoLag();
      SavedKeys first = SavepointModels.keys(job.stop());

      job.resume(3, before);
      job.awaitCheckpoints(1);
      job.loseTaskManager();
      job.awaitNoLag();
      String replayed = job.stop();
      assertThat(first.differences(SavepointModels.keys(replayed))).isEmpty();
      new Ledger(broker, topics, spec.name())
          .below(SavepointModels.offsets(replayed))
          .holding(SavepointModels.keys(replayed).held())
          .read()
          .assertClean();
    }
  }

  /** Each of them changes what comes after it; the file of the promotion is deleted then. */
  private void command(ControlTopic control) throws Exception {
    String[] commands = {
      "{'id':'1','command':'pause','part':'scoring','key':'k-1'}",
      "{'id':'2','command':'pause','part':'learning','key':'k-2'}",
      promotion(ControlHarness.champion(3)),
      "{'id':'4','command':'reset','key':'k-3'}",
      "{'id':'5','command':'serve','policy':'challenger'}",
      "{'id':'6','command':'resume','part':'all'}"
    };
    for (String command : commands) {
      assertThat(control.ask(command).get("accepted").asBoolean()).as(command).isTrue();
    }
    Files.delete(models.resolve("2"));
  }

  private String promotion(byte[] model) throws Exception {
    return "{'id':'3','command':'promote','uri':'%s','sha256':'%s','version':2}"
        .formatted(file("2", model), Champion.sha256(model));
  }

  private String file(String name, byte[] model) throws Exception {
    return Files.write(models.resolve(name), model).toUri().toString();
  }
}
