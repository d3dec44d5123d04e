package dev.sluice.settings;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.sluice.codec.DeclaredFeatures;
import dev.sluice.codec.InputRules;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;

/** The settings that say what is asked of an event beyond the data contract. */
public final class InputOptions {

  static final ConfigOption<Duration> TIME_TOLERANCE =
      key("sluice.time.tolerance")
          .durationType()
          .defaultValue(Duration.ofDays(365))
          .withDescription(
              "How far an event's own time may be from its Kafka record's before suspectEvents counts it "
                  + "(far-time): epoch"
                  + " seconds that were sent as milliseconds are in 1970. Longer where old events are sent now.");

  public static final ConfigOption<String> ON_FAR_TIME =
      key("sluice.time.on-far")
          .stringType()
          .defaultValue("accept")
          .withDescription(
              "What becomes of an event whose time is farther away than that: accept, or dead-letter (far-time).");

  public static final ConfigOption<String> DECLARED =
      key("sluice.features.declared")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The features that observations may have, as name:number, name:text (strings and booleans) or name:any,"
                  + " separated by commas; with * others may come, too. Any other feature (undeclared-feature), "
                  + "or one of another type"
                  + " (feature-type), makes the observation a dead letter. Without it every name and type is "
                  + "taken, and suspectEvents"
                  + " counts what looks wrong. Features of a lookup are not checked.");

  /** From one end to the other of all the times that an event may have. */
  private static final Duration ANY_TOLERANCE = Duration.ofDays(3_652_060);

  private InputOptions() {}

  static JobSettings.Input read(SettingsReader read) {
    long toleranceMs = read.positive(TIME_TOLERANCE, ANY_TOLERANCE).toMillis();
    boolean refused = read.choice(ON_FAR_TIME, Map.of("accept", false, "dead-letter", true));
    return new JobSettings.Input(
        read.choice(SluiceOptions.SOURCE_START, Map.of("earliest", true, "latest", false)),
        new InputRules(
            read.atLeast(SluiceOptions.MAX_FEATURES, 1),
            read.optional(DECLARED).isEmpty() ? null : read.code(DECLARED, DeclaredFeatures::parse),
            refused ? toleranceMs : InputRules.ANY_TIME),
        toleranceMs,
        read.positive(SluiceOptions.OUTCOME_TIMEOUT),
        read.flag(SluiceOptions.SKIP_DELETED));
  }
}
