package dev.sluice.settings;

import static org.apache.flink.configuration.ConfigOptions.key;

import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;

/**
 * Every setting of the job, with its type, default and description; the table of settings.md is
 * made from these.
 */
public final class SluiceOptions {

  static final ConfigOption<String> JOB_NAME =
      key("sluice.job.name")
          .stringType()
          .defaultValue("sluice")
          .withDescription("The job's name in Flink.");

  public static final ConfigOption<String> BOOTSTRAP_SERVERS =
      key("sluice.kafka.bootstrap-servers")
          .stringType()
          .defaultValue("127.0.0.1:9092")
          .withDescription("Kafka brokers, host:port, separated by commas.");

  static final ConfigOption<String> GROUP_ID =
      key("sluice.kafka.group-id")
          .stringType()
          .defaultValue("sluice")
          .withDescription(
              "Consumer group that offsets are reported to at each checkpoint, for lag monitors only: the truth is the"
                  + " savepoint.");

  /** Prefix; everything behind it goes to the Kafka clients. */
  public static final String KAFKA_PROPERTIES = "sluice.kafka.properties.";

  public static final ConfigOption<String> EVENTS =
      key("sluice.topics.events")
          .stringType()
          .defaultValue("sluice.events")
          .withDescription("Input topics, separated by commas.");

  static final ConfigOption<String> PREDICTIONS =
      key("sluice.topics.predictions")
          .stringType()
          .defaultValue("sluice.predictions")
          .withDescription("Where observations are answered.");

  static final ConfigOption<String> EVALUATIONS =
      key("sluice.topics.evaluations")
          .stringType()
          .defaultValue("sluice.evaluations")
          .withDescription("Where outcomes are answered.");

  static final ConfigOption<String> DEFERRED =
      key("sluice.topics.deferred")
          .stringType()
          .defaultValue("sluice.deferred")
          .withDescription(
              "Where observations go while their scoring is paused, and those whose lookup failed under "
                  + "sluice.enrich.on-failure: defer; bytes untouched.");

  static final ConfigOption<String> DEAD_LETTERS =
      key("sluice.topics.dead-letters")
          .stringType()
          .defaultValue("sluice.dead-letters")
          .withDescription("Where input that can't be used goes, bytes untouched.");

  public static final ConfigOption<String> CONTROL =
      key("sluice.topics.control")
          .stringType()
          .defaultValue("sluice.control")
          .withDescription(
              "Where control commands come from; one partition, for their order counts. A start without a "
                  + "savepoint reads"
                  + " it from its beginning, whatever sluice.source.start says.");

  static final ConfigOption<String> CONTROL_LOG =
      key("sluice.topics.control-log")
          .stringType()
          .defaultValue("sluice.control-log")
          .withDescription("Where control commands are answered.");

  static final ConfigOption<String> SOURCE_START =
      key("sluice.source.start")
          .stringType()
          .defaultValue("earliest")
          .withDescription(
              "Where a start without a savepoint begins to read: earliest or latest. With a savepoint its offsets "
                  + "decide.");

  static final ConfigOption<Boolean> SKIP_DELETED =
      key("sluice.source.skip-deleted-inputs")
          .booleanType()
          .defaultValue(false)
          .withDescription(
              "Lets the job continue when events or control commands that it has not answered are deleted, "
                  + "because it was away, or"
                  + " behind, for longer than the topic's retention. Otherwise the source fails, naming partition "
                  + "and offset.");

  static final ConfigOption<Duration> OUTCOME_TIMEOUT =
      key("sluice.outcome.timeout")
          .durationType()
          .defaultValue(Duration.ofDays(7))
          .withDescription(
              "How long an observation waits for its outcome, and an outcome for its observation, in Kafka record "
                  + "time: an"
                  + " observation is then dropped from state, an outcome becomes a dead letter (up to an eighth "
                  + "later, and by"
                  + " another sixteenth, 10 s at least and 10 min at most, where partitions fall quiet). At most "
                  + "3650 d.");

  public static final ConfigOption<Integer> MAX_FEATURES =
      key("sluice.features.max-per-event")
          .intType()
          .defaultValue(1000)
          .withDescription("More features in one observation make it a dead letter.");

  static final ConfigOption<Integer> WIDTH =
      key("sluice.features.width")
          .intType()
          .defaultValue(128)
          .withDescription(
              "Hashed columns for the features that the champion does not know; a power of two. Each column costs "
                  + "one weight"
                  + " and one accumulator a label in every key's state.");

  static final ConfigOption<Integer> CACHED_KEYS =
      key("sluice.state.cached-keys")
          .intType()
          .noDefaultValue()
          .withDescription(
              "Keeps the models and pending observations of so many keys at most in each task's memory. Without it only "
                  + "sluice.state.cache-memory limits them.");

  static final ConfigOption<MemorySize> CACHE_MEMORY =
      key("sluice.state.cache-memory")
          .memoryType()
          .noDefaultValue()
          .withDescription(
              "Heap in which each task keeps models and pending observations of the keys that come most, written back "
                  + "before each snapshot; those of the others are read from and written to the state backend with "
                  + "each event. Without it a quarter of the TaskManager's heap, divided by its slots, 1 mb at least; and "
                  + "32 mb at most where the state backend is on the heap itself. So much for every slot of a TaskManager "
                  + "must be free in its heap, and the larger it is, the longer a barrier waits until all is written. "
                  + "Copies of stored observations take half of it at most. A model takes about 8 bytes for each learning rate, label, column that "
                  + "it has learned from, and array (the weights, and one or two of the optimiser).");

  static final ConfigOption<Duration> EXPIRE_AFTER =
      key("sluice.model.expire-after")
          .durationType()
          .noDefaultValue()
          .withDescription(
              "How long a key's model lives without an event of its key, in Kafka record time: the next event "
                  + "then finds a"
                  + " new one, and memory is freed (up to an eighth later). A key with something pending keeps "
                  + "its model."
                  + " Without it models live for ever.");

  static final ConfigOption<String> OBJECTIVE =
      key("sluice.model.objective")
          .stringType()
          .defaultValue("log")
          .withDescription("log or hinge for labels; squared, absolute or huber for values.");

  static final ConfigOption<Double> HUBER_DELTA =
      key("sluice.model.huber-delta")
          .doubleType()
          .defaultValue(5.0)
          .withDescription("Where the huber objective turns from squared to absolute.");

  static final ConfigOption<String> LABELS =
      key("sluice.model.labels")
          .stringType()
          .defaultValue("ontime,late")
          .withDescription("The labels of a classification job, separated by commas.");

  static final ConfigOption<String> OPTIMISER =
      key("sluice.model.optimiser")
          .stringType()
          .defaultValue("adagrad")
          .withDescription(
              "sgd, sgd-momentum, adagrad or adadelta: those of Tribuo's whose state is restored bit for bit.");

  static final ConfigOption<String> LEARNING_RATES =
      key("sluice.model.learning-rates")
          .stringType()
          .defaultValue("0.02,0.1,0.5,5")
          .withDescription(
              "The step sizes of sgd, sgd-momentum and adagrad, 1 to 8, separated by commas: each key has a "
                  + "challenger for each, and their mixture finds the best.");

  static final ConfigOption<Double> LEARNING_RATE =
      key("sluice.model.learning-rate")
          .doubleType()
          .noDefaultValue()
          .withDescription("A single step size in place of `sluice.model.learning-rates`.");

  static final ConfigOption<Double> MOMENTUM =
      key("sluice.model.momentum")
          .doubleType()
          .defaultValue(0.9)
          .withDescription("The momentum of sgd-momentum.");

  static final ConfigOption<Double> RHO =
      key("sluice.model.rho")
          .doubleType()
          .defaultValue(0.95)
          .withDescription("The decay of adadelta.");

  static final ConfigOption<Double> EPSILON =
      key("sluice.model.epsilon")
          .doubleType()
          .defaultValue(1e-6)
          .withDescription("Keeps adagrad and adadelta from dividing by zero.");

  static final ConfigOption<Double> INITIAL_ACCUMULATOR =
      key("sluice.model.initial-accumulator")
          .doubleType()
          .defaultValue(1.0)
          .withDescription(
              "What adagrad's accumulators start from, times ten times the rate for a rate above 0.1: a larger one "
                  + "makes the first steps smaller.");

  public static final ConfigOption<String> CHAMPION_URI =
      key("sluice.champion.uri")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The champion: a Tribuo protobuf model file, on any file system that Flink can read. Read once, at "
                  + "a start"
                  + " without a savepoint; a savepoint brings its own. Without one, challengers start cold. At "
                  + "most 256 MiB, and at"
                  + " most a sixteenth of what a slot has of a TaskManager's heap.");

  static final ConfigOption<Integer> CHAMPION_VERSION =
      key("sluice.champion.version")
          .intType()
          .defaultValue(1)
          .withDescription("The number that predictions name as championVersion.");

  static final ConfigOption<String> SERVING_POLICY =
      key("sluice.serving.policy")
          .stringType()
          .defaultValue("blend")
          .withDescription(
              "blend: the mixture of champion and challengers, weighted by how well they predicted for the key;"
                  + " champion; challenger, the mixture of the challengers alone; or best: each key serves whichever"
                  + " of the two has the lower prequential loss. Without a champion the challengers serve.");

  static final ConfigOption<String> SHARES =
      key("sluice.serving.share")
          .stringType()
          .defaultValue("0.0001,0.003,0.05")
          .withDescription(
              "What fraction of its weight a model gives up to all with each outcome, so that blend follows when"
                  + " another one becomes the best: 1 to 4, separated by commas, which are mixed themselves. 0 never"
                  + " follows.");

  static final ConfigOption<Double> HYSTERESIS =
      key("sluice.serving.hysteresis")
          .doubleType()
          .defaultValue(0.002)
          .withDescription(
              "best changes sides only for a loss that is lower by more than this fraction.");

  static final ConfigOption<Double> FADING_FACTOR =
      key("sluice.serving.fading-factor")
          .doubleType()
          .defaultValue(0.9999)
          .withDescription(
              "How fast best forgets: the weight of a loss after n outcomes is this to the power of n.");

  static final ConfigOption<Long> MIN_EVALUATIONS =
      key("sluice.serving.min-evaluations")
          .longType()
          .defaultValue(20L)
          .withDescription("best serves the champion at least until a key has this many outcomes.");

  static final ConfigOption<Double> DRIFT_TOLERANCE =
      key("sluice.drift.tolerance")
          .doubleType()
          .defaultValue(0.25)
          .withDescription(
              "How much larger the losses of a key's challengers may become without being called a drift, in standard "
                  + "deviations of these losses.");

  static final ConfigOption<Double> DRIFT_THRESHOLD =
      key("sluice.drift.threshold")
          .doubleType()
          .defaultValue(16.0)
          .withDescription(
              "The alarm of the Page-Hinkley test: how much larger they have been in sum, beyond the tolerance, in "
                  + "standard deviations.");

  static final ConfigOption<Long> DRIFT_MIN_OUTCOMES =
      key("sluice.drift.min-outcomes")
          .longType()
          .defaultValue(50L)
          .withDescription("No alarm before a key has this many outcomes since its last one.");

  static final ConfigOption<Boolean> DRIFT_RESET =
      key("sluice.drift.reset")
          .booleanType()
          .defaultValue(false)
          .withDescription(
              "Lets a key's challenger start again from the champion at an alarm; otherwise it is counted and "
                  + "logged only.");

  public static final ConfigOption<String> DELIVERY_GUARANTEE =
      key("sluice.sink.delivery-guarantee")
          .stringType()
          .defaultValue("exactly-once")
          .withDescription(
              "exactly-once, or at-least-once: answers are seen sooner, and twice after a failure.");

  public static final ConfigOption<Duration> TRANSACTION_TIMEOUT =
      key("sluice.sink.transaction-timeout")
          .durationType()
          .defaultValue(Duration.ofMinutes(15))
          .withDescription(
              "After this long the broker aborts a transaction that was not committed. At most the broker's"
                  + " transaction.max.timeout.ms; longer than checkpoints that fail as often as may, and any "
                  + "outage to be survived.");

  static final ConfigOption<String> TRANSACTIONAL_ID_PREFIX =
      key("sluice.sink.transactional-id-prefix")
          .stringType()
          .defaultValue("sluice")
          .withDescription(
              "Unique to the job in its Kafka cluster, and the same over all its restarts.");

  public static final ConfigOption<String> RESTORE_FENCE =
      key("sluice.restore-fence")
          .stringType()
          .defaultValue("suppress")
          .withDescription(
              "suppress: after a restore, answers that the output holds already are not given again, and a snapshot of"
                  + " whose answers some were never committed is refused; fail: a snapshot behind the output is "
                  + "refused,"
                  + " too; off: what Flink alone does. Needs exactly-once.");

  static final ConfigOption<Duration> RESTORE_FENCE_PATIENCE =
      key("sluice.restore-fence.patience")
          .durationType()
          .defaultValue(Duration.ofMinutes(1))
          .withDescription(
              "How long a restore waits, with nothing going forward, for a transaction in the output topics to "
                  + "end; then"
                  + " the attempt fails, naming it, and Flink's restart strategy decides.");

  static final ConfigOption<Boolean> OVER_EXISTING_OUTPUT =
      key("sluice.start.over-existing-output")
          .booleanType()
          .defaultValue(false)
          .withDescription(
              "Lets a start without a savepoint write to topics that hold answers already: every input is answered a"
                  + " second time. Otherwise such a start is refused, for it usually means a forgotten -s.");

  /** In the order of the table in settings.md. */
  static final List<ConfigOption<?>> ALL =
      List.of(
          JOB_NAME,
          BOOTSTRAP_SERVERS,
          GROUP_ID,
          EVENTS,
          PREDICTIONS,
          EVALUATIONS,
          DEFERRED,
          DEAD_LETTERS,
          CONTROL,
          CONTROL_LOG,
          SOURCE_START,
          SKIP_DELETED,
          OUTCOME_TIMEOUT,
          InputOptions.TIME_TOLERANCE,
          InputOptions.ON_FAR_TIME,
          MAX_FEATURES,
          InputOptions.DECLARED,
          WIDTH,
          CACHED_KEYS,
          CACHE_MEMORY,
          EXPIRE_AFTER,
          OBJECTIVE,
          HUBER_DELTA,
          LABELS,
          OPTIMISER,
          LEARNING_RATES,
          LEARNING_RATE,
          MOMENTUM,
          RHO,
          EPSILON,
          INITIAL_ACCUMULATOR,
          CHAMPION_URI,
          CHAMPION_VERSION,
          SERVING_POLICY,
          SHARES,
          HYSTERESIS,
          FADING_FACTOR,
          MIN_EVALUATIONS,
          DRIFT_TOLERANCE,
          DRIFT_THRESHOLD,
          DRIFT_MIN_OUTCOMES,
          DRIFT_RESET,
          DELIVERY_GUARANTEE,
          TRANSACTION_TIMEOUT,
          TRANSACTIONAL_ID_PREFIX,
          RESTORE_FENCE,
          RESTORE_FENCE_PATIENCE,
          OVER_EXISTING_OUTPUT,
          EnrichOptions.URL,
          EnrichOptions.TOKEN,
          EnrichOptions.ON_FAILURE,
          EnrichOptions.TIMEOUT,
          EnrichOptions.ATTEMPT_TIMEOUT,
          EnrichOptions.CAPACITY,
          EnrichOptions.RETRIES,
          EnrichOptions.BACKOFF,
          EnrichOptions.BREAKER_FAILURES,
          EnrichOptions.BREAKER_WINDOW,
          EnrichOptions.BREAKER_OPEN,
          EnrichOptions.BREAKER_PROBES);

  private SluiceOptions() {}
}
