package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.codec.CommandDecoder;
import dev.sluice.codec.EventDecoder;
import dev.sluice.enrich.Enrichment;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Event.Undecoded;
import dev.sluice.event.OutputRecord;
import dev.sluice.fence.AnswerSink;
import dev.sluice.fence.FenceSettings;
import dev.sluice.fence.RestoreFenceFactory;
import dev.sluice.kafka.SaslProviders;
import dev.sluice.ledger.TransactionDeadline;
import dev.sluice.settings.EnrichOptions;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.PublishedSettings;
import dev.sluice.settings.SettingsException;
import dev.sluice.settings.SettingsSource;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.common.utils.AppInfoParser;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The job's entry point: reads settings, checks them, builds the graph, submits it. */
public final class SluiceJob {

  private static final Logger LOG = LoggerFactory.getLogger(SluiceJob.class);

  /** The name of the event source in Flink's REST interface, by which the tool finds its lag. */
  private static final String EVENTS = "events";

  /** How long the brokers may take to report the id of their cluster. */
  private static final Duration CLUSTER_ID = Duration.ofSeconds(8);

  private SluiceJob() {}

  /**
   * Run by {@code flink run}, and in application mode by each JobManager that takes the job over.
   *
   * @param args {@code --sluice.x.y value …}, {@code --settings FILE}
   * @throws SettingsException if a setting prevents the start; then nothing was submitted. In
   *     application mode most are reported by a task instead: see {@link Refusals}
   */
  public static void main(String[] args) throws Exception {
    String confDir = System.getenv("FLINK_CONF_DIR");
    Map<String, String> flat = SettingsSource.read(args, confDir == null ? null : Path.of(confDir));
    EnrichOptions.takeToken(flat, System.getenv());
    JobSettings settings = JobSettings.of(flat);
    LOG.info("Starting with {}", settings);
    StartChecks.kafkaClients(AppInfoParser.getVersion());
    SaslProviders.prepare(settings.kafka().clientProperties());
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    StartChecks checks = new StartChecks(settings);
    Refusals refusals = Refusals.of(env.getConfiguration());
    refusals.of(() -> checks.checkpointing(env.getConfiguration()));
    refusals.of(
        () -> StartChecks.endedJobs(env.getConfiguration(), EnvironmentInformation.getVersion()));
    refusals.of(() -> RestoredSettings.check(env.getConfiguration(), settings));
    refusals.of(checks::kafkaClients);
    boolean restoring = restoring(env.getConfiguration());
    refusals.of(() -> checks.kafka(restoring));
    FenceSettings fence =
        settings.fenceSettings(
            env.getConfiguration()
                .getOptional(CheckpointingOptions.CHECKPOINTS_DIRECTORY)
                .orElse(""));
    checks.existingAnswers(fence, env.getConfiguration());
    env.getConfig()
        .setGlobalJobParameters(
            PublishedSettings.of(flat, KafkaClusterId.read(settings, CLUSTER_ID)));
    byte[] champion =
        refusals.ofFirstStart(
            () -> FirstChampion.read(settings, restoring, limits(env.getConfiguration())));
    ControlGate gate =
        new ControlGate(settings.model(), ModelStore.nextTo(fence.checkpointDirectory()));
    LearnAndPredictOperator learnAndPredict =
        new LearnAndPredictOperator(
            new LearnAndPredict(settings, champion), settings.models().cache(), gate);
    build(env, settings, refusals, fence, learnAndPredict, commands(env, settings, gate));
    env.execute(settings.jobName());
  }

  /** For this process, and for the TaskManagers according to its configuration. */
  private static List<ModelLimit> limits(ReadableConfig flink) {
    List<ModelLimit> limits = new ArrayList<>(List.of(ModelLimit.ofThisProgram()));
    ModelLimit.of(flink).ifPresent(limits::add);
    return limits;
  }

  private static boolean restoring(ReadableConfig flink) {
    return flink.getOptional(StateRecoveryOptions.SAVEPOINT_PATH).isPresent();
  }

  /** Source → the models that they name → every task. */
  static DataStream<ControlRecord> commands(
      StreamExecutionEnvironment env, JobSettings settings, ControlGate gate) {
    return env.fromSource(controlSource(settings), WatermarkStrategy.noWatermarks(), "commands")
        .uid(Uids.CONTROL)
        .setParallelism(1)
        .map(gate)
        .returns(SluiceTypes.CONTROL_RECORD)
        .name("control gate")
        .uid(Uids.CONTROL_GATE)
        .setParallelism(1)
        .broadcast();
  }

  /**
   * Source → lookups, if any → keyed by entity → learn and predict → restore fence → one
   * exactly-once sink.
   */
  static void build(
      StreamExecutionEnvironment env,
      JobSettings settings,
      Refusals refusals,
      FenceSettings fence,
      LearnAndPredictOperator learnAndPredict,
      DataStream<ControlRecord> commands) {
    TransactionDeadline.Limits limits =
        new TransactionDeadline.Limits(
            settings.sink().transactionTimeout(),
            Duration.ofMillis(env.getCheckpointConfig().getCheckpointTimeout()));
    env.setMaxParallelism(Uids.MAX_PARALLELISM);
    env.getConfig().enableObjectReuse();
    Duration quiet = IdleAwareWatermarks.quietFor(settings.input().outcomeTimeout());
    WatermarkStrategy<Event> arrivals =
        WatermarkStrategy.forGenerator(
            context -> new IdleAwareWatermarks<>(context.getInputActivityClock(), quiet));
    DataStream<Event> events = env.fromSource(watched(settings), arrivals, EVENTS).uid(Uids.EVENTS);
    Enrichment.of(refusals.into(events), settings.enrich(), SluiceJob::entity)
        .keyBy(SluiceJob::entity)
        .connect(commands)
        .transform("learn and predict", SluiceTypes.OUTPUT_RECORD, learnAndPredict)
        .uid(Uids.LEARN_AND_PREDICT)
        .transform(
            "restore fence", SluiceTypes.OUTPUT_RECORD, new RestoreFenceFactory(fence, limits))
        .uid(Uids.RESTORE_FENCE)
        .sinkTo(new AnswerSink(sink(settings), fence))
        .name("answers")
        .uid(Uids.ANSWERS);
  }

  /**
   * The entity whose model answers; a record without one is distributed by its origin. That of an
   * {@link Undecoded} record is the same as when it has been decoded, as an event whose record has
   * another key than the event itself is {@link Event.Malformed}.
   */
  static String entity(Event event) {
    if (event instanceof Observation observation) {
      return observation.key();
    } else if (event instanceof Outcome outcome) {
      return outcome.key();
    }
    byte @Nullable [] key = event.raw().key();
    return key == null || key.length == 0
        ? event.raw().origin().toString()
        : new String(key, UTF_8);
  }

  private static WatchedSource<Event> watched(JobSettings settings) {
    return new WatchedSource<>(
        source(settings),
        new WatchedSource.Inputs(
            settings.topics().events(),
            settings.kafka().clientProperties(),
            settings.input().skipDeleted()));
  }

  /** Lookups need what a record says; without them it is decoded where its model is. */
  static KafkaSource<Event> source(JobSettings settings) {
    return KafkaSource.<Event>builder()
        .setTopics(settings.topics().events())
        .setGroupId(settings.kafka().groupId())
        .setProperties(settings.clients().consumer())
        .setStartingOffsets(
            new StartingOffsets(
                settings.input().fromEarliest()
                    ? OffsetsInitializer.earliest()
                    : OffsetsInitializer.latest(),
                settings.input().skipDeleted()))
        .setDeserializer(
            settings.enrich() == null
                ? new InputDeserializer<>(() -> Undecoded::new, SluiceTypes.EVENT)
                : new InputDeserializer<>(() -> decoder(settings)::decode, SluiceTypes.EVENT))
        .build();
  }

  /** A decoder of the events; each thread that decodes has its own. */
  static EventDecoder decoder(JobSettings settings) {
    return new EventDecoder(settings.model().labels(), settings.input().rules());
  }

  /** From the earliest offset: a pause or promotion there holds until another command. */
  static KafkaSource<ControlRecord> controlSource(JobSettings settings) {
    return KafkaSource.<ControlRecord>builder()
        .setTopics(settings.topics().control())
        .setGroupId(settings.kafka().groupId())
        .setProperties(settings.clients().consumer())
        .setStartingOffsets(
            new StartingOffsets(OffsetsInitializer.earliest(), settings.input().skipDeleted()))
        .setDeserializer(
            new InputDeserializer<>(() -> CommandDecoder::record, SluiceTypes.CONTROL_RECORD))
        .build();
  }

  private static KafkaSink<OutputRecord> sink(JobSettings settings) {
    return KafkaSink.<OutputRecord>builder()
        .setBootstrapServers(settings.kafka().bootstrapServers())
        .setKafkaProducerConfig(settings.clients().producer())
        .setDeliveryGuarantee(settings.sink().guarantee())
        .setTransactionalIdPrefix(settings.sink().transactionalIdPrefix())
        .setRecordSerializer(
            new OutputSerializer(
                settings.topics().outputs(),
                settings.kafka().clientProperties(),
                settings.clients().sinkProducer()))
        .build();
  }
}
