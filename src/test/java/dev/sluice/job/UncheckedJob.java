package dev.sluice.job;

import dev.sluice.fence.FenceSettings;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.PublishedSettings;
import dev.sluice.settings.SettingsSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The job without the checks of its start: for settings that those refuse. */
public final class UncheckedJob {

  private UncheckedJob() {}

  /** Run by {@code flink run -c} in the test's own process. */
  public static void main(String[] args) throws Exception {
    Map<String, String> flat = SettingsSource.read(args, (Path) null);
    JobSettings settings = JobSettings.of(flat);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    FenceSettings fence = settings.fenceSettings("");
    env.getConfig()
        .setGlobalJobParameters(
            PublishedSettings.of(flat, KafkaClusterId.read(settings, Duration.ofSeconds(8))));
    ControlGate gate = new ControlGate(settings.model(), new ModelStore(""));
    LearnAndPredictOperator learnAndPredict =
        new LearnAndPredictOperator(
            new LearnAndPredict(settings, FirstChampion.read(settings, false, List.of())),
            settings.models().cache(),
            gate);
    SluiceJob.build(
        env,
        settings,
        Refusals.of(env.getConfiguration()),
        fence,
        learnAndPredict,
        SluiceJob.commands(env, settings, gate));
    env.execute(settings.jobName());
  }
}
