package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.Event;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Reason;
import dev.sluice.settings.BrokersAwayException;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
@Timeout(30)
class RefusalsTest {

  private static final String WHY = "sluice.model.champion.uri = (file:///gone): there is no file";

  private static final Map<String, String> EMBEDDED = Map.of("execution.target", "embedded");
  private static final Map<String, String> APPLICATION =
      Map.of("execution.target", "embedded", "$internal.pipeline.job-id", "0".repeat(32));

  /** As JarRunHandler makes it of a request with a job id. */
  private static final Map<String, String> SUBMITTED_OVER_REST =
      Map.of(
          "execution.target",
          "embedded",
          "execution.attached",
          "false",
          "$internal.pipeline.job-id",
          "0".repeat(32),
          "pipeline.jars",
          "file:/tmp/flink-web-4f1c/flink-web-upload/1b671a64_sluice-job.jar");

  /** As 'flink run -d -t kubernetes-application' makes it, where all settings are in a file. */
  @Test
  void aDetachedApplicationIsKnownWithAndWithoutArguments() {
    Map<String, String> detached = new HashMap<>(SUBMITTED_OVER_REST);
    detached.put("pipeline.jars", "file:/opt/flink/usrlib/sluice-job.jar");
    assertThat(Refusals.applicationMode(Configuration.fromMap(detached)))
        .as("without arguments")
        .isTrue();
    detached.put("$internal.application.program-args", "--sluice.job.name;mine");
    assertThat(Refusals.applicationMode(Configuration.fromMap(detached))).isTrue();
    Map<String, String> uploaded = new HashMap<>(SUBMITTED_OVER_REST);
    uploaded.remove("execution.attached");
    assertThat(Refusals.applicationMode(Configuration.fromMap(uploaded)))
        .as("an application of an uploaded jar, as Flink 2.3 takes it over REST")
        .isTrue();
    assertThat(Refusals.applicationMode(Configuration.fromMap(APPLICATION))).isTrue();
    assertThat(Refusals.applicationMode(Configuration.fromMap(SUBMITTED_OVER_REST))).isFalse();
  }

  @Test
  void aClientIsToldAtOnce() {
    for (Map<String, String> flink :
        List.of(Map.<String, String>of(), EMBEDDED, SUBMITTED_OVER_REST)) {
      Refusals refusals = refusals(flink);
      assertThatThrownBy(() -> refusals.of(RefusalsTest::refuse)).hasMessage(WHY);
      assertThatThrownBy(() -> refusals.ofFirstStart(RefusalsTest::none)).hasMessage(WHY);
      assertThatThrownBy(() -> refusals.of(RefusalsTest::brokersAway)).hasMessage("away");
    }
  }

  @Test
  void inApplicationModeTheProgramGoesOnWithTheFirstRefusal() throws Exception {
    Refusals refusals = refusals(APPLICATION);
    assertThat(refusals.ofFirstStart(() -> "bytes")).isEqualTo("bytes");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    DataStream<Event> events = env.fromData(SluiceTypes.EVENT, event());
    assertThat(refusals.into(events)).isSameAs(events);

    assertThat(refusals.<String>ofFirstStart(RefusalsTest::none)).isNull();
    assertThat(refusals.into(events).getTransformation().getUid()).isEqualTo(Uids.REFUSED_START);
  }

  @Test
  void inApplicationModeItWaitsForTheBrokers() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    refusals(APPLICATION)
        .of(
            () -> {
              if (attempts.incrementAndGet() < 3) {
                brokersAway();
              }
            });
    assertThat(attempts).hasValue(3);
  }

  @Test
  void namesWithoutAnAddressAreBrokersThatAreAway() {
    StartChecks checks =
        new StartChecks(
            JobSettings.of(Map.of("sluice.kafka.bootstrap-servers", "no-such-host.invalid:9092")));
    assertThatThrownBy(() -> checks.kafka(true)).isInstanceOf(BrokersAwayException.class);
    assertThatThrownBy(checks::kafkaClients).isInstanceOf(BrokersAwayException.class);
  }

  @Test
  void onlyAStartWithoutASnapshotIsRefusedForGood() throws Exception {
    RefusedStart operator = new RefusedStart(WHY, false);
    try (OneInputStreamOperatorTestHarness<Event, Event> harness = harness(operator)) {
      assertThatThrownBy(harness::open)
          .isInstanceOf(SuppressRestartsException.class)
          .hasRootCauseInstanceOf(SettingsException.class)
          .hasRootCauseMessage(WHY);
    }
    try (OneInputStreamOperatorTestHarness<Event, Event> harness = harness(operator)) {
      harness.initializeState(OperatorSubtaskState.builder().build());
      harness.open();
      harness.processElement(event(), 1);
      assertThat(harness.extractOutputValues()).hasSize(1);
    }
  }

  @Test
  void whatNoStartMayFailRefusesOneFromASnapshotToo() throws Exception {
    try (OneInputStreamOperatorTestHarness<Event, Event> harness =
        harness(new RefusedStart(WHY, true))) {
      assertThatThrownBy(() -> harness.initializeState(OperatorSubtaskState.builder().build()))
          .isInstanceOf(SuppressRestartsException.class)
          .hasRootCauseMessage(WHY);
    }
  }

  private static OneInputStreamOperatorTestHarness<Event, Event> harness(RefusedStart operator)
      throws Exception {
    OneInputStreamOperatorTestHarness<Event, Event> harness =
        new OneInputStreamOperatorTestHarness<>(operator);
    harness.setup(SluiceTypes.EVENT.createSerializer(new SerializerConfigImpl()));
    return harness;
  }

  private static Refusals refusals(Map<String, String> flink) {
    return Refusals.of(Configuration.fromMap(flink), Duration.ZERO);
  }

  private static void refuse() {
    throw new SettingsException(WHY);
  }

  private static String none() {
    throw new SettingsException(WHY);
  }

  private static void brokersAway() {
    throw new BrokersAwayException("away");
  }

  private static Event event() {
    RawRecord raw = new RawRecord(new Origin("events", 0, 1), 1, null, null);
    return new Malformed(raw, Reason.BAD_FIELD, "bad");
  }
}
