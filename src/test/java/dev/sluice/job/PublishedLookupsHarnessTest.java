package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.codec.EventDecoder;
import dev.sluice.enrich.Merged;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Event;
import dev.sluice.event.Event.DeferRequested;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Reason;
import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.OriginSet;
import dev.sluice.settings.JobSettings;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import dev.sluice.support.Eventually;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Lookups that find something else in a replay than before. */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
class PublishedLookupsHarnessTest {

  private static final Map<String, String> SETTINGS = settings();
  private static final Features WEATHER =
      new Features(
          new String[] {"gusts", "sky"}, new String[] {null, "over\"cast"}, new double[] {-0.1, 0});
  private static final Features OTHER =
      new Features(new String[] {"gusts"}, new String[] {null}, new double[] {99});

  private final EventDecoder decoder = new EventDecoder(List.of("ontime", "late"), 100);
  private final JobSettings settings = JobSettings.of(SETTINGS);

  @Test
  void aPredictionTellsWhatWasLookedUp() throws Exception {
    try (Harness job = new Harness()) {
      job.open();
      job.take(found(observation(0, "f-1"), WEATHER));
      assertThat(job.value(0)).contains(",\"lookup\":{\"gusts\":-0.1,\"sky\":\"over\\\"cast\"}}");
      job.take(observation(1, "f-2"));
      assertThat(job.value(1)).endsWith(",\"lookup\":{}}");
    }
  }

  @Test
  void aReplayUsesWhatWasLookedUpBefore() throws Exception {
    try (Harness first = new Harness()) {
      first.open();
      OperatorSubtaskState snapshot = first.snapshot(1, 1);
      first.take(found(observation(0, "f-1"), WEATHER));
      first.take(outcome(1, "f-1"));
      first.take(new DeferRequested(observation(2, "f-2").raw()));
      first.take(failed(3, "f-3"));
      first.take(observation(4, "f-4"));
      first.take(found(observation(5, "f-5"), WEATHER));

      try (Harness replay = new Harness()) {
        replay.find(first.extractOutputValues());
        replay.initializeState(snapshot);
        replay.open();
        replay.take(new DeferRequested(observation(0, "f-1").raw()));
        replay.take(outcome(1, "f-1"));
        replay.take(found(observation(2, "f-2"), OTHER));
        replay.take(found(observation(3, "f-3"), OTHER));
        replay.take(found(observation(4, "f-4"), OTHER));
        replay.take(failed(5, "f-5"));
        assertThat(replay.extractOutputValues())
            .containsExactlyElementsOf(first.extractOutputValues());
      }
    }
  }

  @Test
  void whatIsNotPublishedUsesWhatIsFoundNow() throws Exception {
    try (Harness first = new Harness()) {
      first.open();
      OperatorSubtaskState snapshot = first.snapshot(1, 1);
      first.take(found(observation(0, "f-1"), WEATHER));

      try (Harness replay = new Harness()) {
        replay.find(first.extractOutputValues());
        replay.initializeState(snapshot);
        replay.open();
        replay.take(found(observation(0, "f-1"), OTHER));
        replay.take(found(observation(1, "f-2"), OTHER));
        assertThat(replay.value(0)).contains("over");
        assertThat(replay.value(1)).endsWith(",\"lookup\":{\"gusts\":99.0}}");
      }
    }
  }

  @Test
  void aSnapshotOfAReplayHasWhatWasLookedUp() throws Exception {
    try (Harness first = new Harness()) {
      first.open();
      OperatorSubtaskState snapshot = first.snapshot(1, 1);
      first.take(found(observation(0, "f-1"), WEATHER));
      OperatorSubtaskState behind;
      try (Harness replay = new Harness()) {
        replay.find(first.extractOutputValues());
        replay.initializeState(snapshot);
        replay.open();
        behind = replay.snapshot(2, 2);
      }
      try (Harness again = new Harness()) {
        again.findOriginsOnly(first.extractOutputValues());
        again.initializeState(behind);
        again.open();
        again.take(found(observation(0, "f-1"), OTHER));
        assertThat(again.extractOutputValues()).isEqualTo(first.extractOutputValues());
      }
    }
  }

  /** Inputs from before the snapshot never come again. */
  @Test
  void whatNothingAsksForGoesWhenTheReplayEnds() throws Exception {
    try (Harness first = new Harness()) {
      first.open();
      OperatorSubtaskState snapshot = first.snapshot(1, 1);
      first.take(found(observation(0, "f-1"), WEATHER));

      try (Harness replay = new Harness()) {
        replay.find(first.extractOutputValues());
        replay.initializeState(snapshot);
        replay.open();
        replay.snapshot(2, 2);
        assertThat(replay.numKeyedStateEntries()).isOne();
        ((LearnsAlone) replay.getOperator()).pass();
        long[] id = {2};
        Eventually.until(
            "the end of the replay",
            Duration.ofSeconds(20),
            () -> {
              replay.snapshot(++id[0], id[0]);
              return replay.numKeyedStateEntries() == 0;
            });
      }
    }
  }

  private Observation observation(long offset, String id) {
    String json =
        """
        {"type":"observation","id":"%s","key":"LAS","time":1,"features":{"x":1,"dow":"5"}}"""
            .formatted(id);
    return (Observation) decode(offset, json);
  }

  private Event outcome(long offset, String id) {
    String json =
        """
        {"type":"outcome","id":"%s","key":"LAS","time":2,"label":"late"}"""
            .formatted(id);
    return decode(offset, json);
  }

  private Event decode(long offset, String json) {
    return decoder.decode(
        new RawRecord(
            new Origin("sluice.events", 0, offset),
            1_000,
            "LAS".getBytes(UTF_8),
            json.getBytes(UTF_8)));
  }

  private static Event found(Observation observation, Features found) {
    return new Observation(
        observation.raw(),
        observation.id(),
        observation.key(),
        observation.timeMs(),
        Merged.of(observation.features(), found));
  }

  private Event failed(long offset, String id) {
    return new Malformed(
        observation(offset, id).raw(), Reason.ENRICHMENT_FAILED, "the feature service: no");
  }

  private static Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>(ControlHarness.SETTINGS);
    settings.put("sluice.enrich.url", "http://127.0.0.1:1/features/{key}");
    settings.put("sluice.enrich.timeout", "60 ms");
    settings.put("sluice.enrich.attempt-timeout", "60 ms");
    return settings;
  }

  private final class Harness
      extends KeyedTwoInputStreamOperatorTestHarness<String, Event, ControlRecord, OutputRecord> {

    Harness() throws Exception {
      super(
          new LearnsAlone(SETTINGS, null, 2),
          SluiceJob::entity,
          null,
          Types.STRING,
          Uids.MAX_PARALLELISM,
          1,
          0);
      setup(SluiceTypes.OUTPUT_RECORD.createSerializer(getExecutionConfig().getSerializerConfig()));
      assertThat(settings.enrich()).isNotNull();
    }

    void take(Event event) throws Exception {
      processElement1(event, 1_000);
      prepareSnapshotPreBarrier(0);
    }

    String value(int answer) {
      return new String(
          PublishedLookupsHarnessTest.value(extractOutputValues().get(answer)), UTF_8);
    }

    void find(List<OutputRecord> published) {
      findAll(published, true);
    }

    void findOriginsOnly(List<OutputRecord> published) {
      findAll(published, false);
    }

    private void findAll(List<OutputRecord> published, boolean lookups) {
      OriginSet origins = new OriginSet();
      List<LearnsAlone.Lookup> kept = new ArrayList<>();
      for (OutputRecord answer : published) {
        origins.add(answer.origin());
        byte[] lookup = lookups ? kept(answer) : null;
        if (lookup != null) {
          kept.add(new LearnsAlone.Lookup("LAS", answer.origin(), lookup));
        }
      }
      ((LearnsAlone) getOperator())
          .find(new LearnsAlone.Committed(AheadAnswers.of(origins), List.of(), kept));
    }

    private byte @Nullable [] kept(OutputRecord answer) {
      ConsumerRecord<ByteBuffer, ByteBuffer> record =
          new ConsumerRecord<>(
              "t",
              0,
              0,
              ByteBuffer.allocate(0),
              ByteBuffer.wrap(PublishedLookupsHarnessTest.value(answer)));
      Reason reason = answer.reason();
      if (reason != null) {
        record.headers().add("sluice-reason", reason.code().getBytes(UTF_8));
        record.headers().add("sluice-detail", requireNonNull(answer.detail()).getBytes(UTF_8));
      }
      return PublishedLookups.kept(answer.topic(), record);
    }
  }

  private static byte[] value(OutputRecord answer) {
    return requireNonNull(answer.value());
  }
}
