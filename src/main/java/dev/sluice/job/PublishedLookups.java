package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.codec.EventDecoder;
import dev.sluice.codec.Headers;
import dev.sluice.codec.LookupReader;
import dev.sluice.enrich.Merged;
import dev.sluice.event.Event;
import dev.sluice.event.Event.DeferRequested;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputTopic;
import dev.sluice.event.Reason;
import dev.sluice.settings.JobSettings;
import dev.sluice.state.Uids;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * What a job with lookups publishes of them, and how a replay uses that. A feature service may
 * answer otherwise than before, or not at all; so each prediction carries what was found, and an
 * input whose answer is committed gets that instead of what is found now: the same features, the
 * same deferral, the same dead letter. What is committed is kept in keyed state until its input
 * comes, and a snapshot that is taken meanwhile has it; what is left at the end of the replay is
 * dropped. A replay with lookups switched off uses none.
 */
final class PublishedLookups {

  private static final byte DEFERRED = 'd';
  private static final byte FAILED = 'f';
  private static final byte PREDICTED = 'p';

  private final MapState<String, byte[]> published;
  private final EventDecoder decoder;
  private final LookupReader reader;

  /**
   * @param published of the current key, by origin: one of the letters above, then the detail of a
   *     dead letter or the value of a prediction
   */
  PublishedLookups(JobSettings settings, MapState<String, byte[]> published) {
    this.published = published;
    this.decoder =
        new EventDecoder(settings.model().labels(), settings.input().rules().maxFeatures());
    this.reader = new LookupReader(Integer.MAX_VALUE);
  }

  /** The descriptor of the keyed state. */
  static MapStateDescriptor<String, byte[]> descriptor() {
    return new MapStateDescriptor<>(
        Uids.LOOKUPS_STATE, Types.STRING, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
  }

  /** What was looked up for an observation: the features that are not its own. */
  Features found(Observation observation) {
    if (!(decoder.decode(observation.raw()) instanceof Observation own)) {
      throw new IllegalStateException("an observation is none: " + observation.raw());
    }
    Features all = observation.features();
    int size = all.size() - own.features().size();
    String[] names = new String[size];
    @Nullable String[] texts = new String[size];
    double[] numbers = new double[size];
    String[] given = own.features().names();
    int next = 0;
    for (int i = 0; i < all.size(); i++) {
      if (Arrays.binarySearch(given, all.names()[i]) < 0) {
        names[next] = all.names()[i];
        texts[next] = all.texts()[i];
        numbers[next] = all.numbers()[i];
        next++;
      }
    }
    return new Features(names, texts, numbers);
  }

  /** An event as its lookup made it when it was answered first. */
  Event asPublished(Event event) throws Exception {
    String origin = event.raw().origin().toString();
    byte[] answer = published.get(origin);
    if (answer == null) {
      return event;
    }
    published.remove(origin);
    byte[] rest = Arrays.copyOfRange(answer, 1, answer.length);
    return switch (answer[0]) {
      case DEFERRED -> new DeferRequested(event.raw());
      case FAILED -> new Malformed(event.raw(), Reason.ENRICHMENT_FAILED, new String(rest, UTF_8));
      default -> predicted(event, rest);
    };
  }

  private Event predicted(Event event, byte[] prediction) {
    if (!(decoder.decode(event.raw()) instanceof Observation own)) {
      return event;
    }
    Features found = reader.read(prediction);
    if (found == null) {
      return own; // predicted without lookups
    }
    return new Observation(
        own.raw(), own.id(), own.key(), own.timeMs(), Merged.of(own.features(), found));
  }

  /** Keeps an answer for its input, under the current key. */
  void keep(Origin input, byte[] answer) throws Exception {
    published.put(input.toString(), answer);
  }

  /** What is to be kept of a committed answer; null for nothing. */
  static byte @Nullable [] kept(OutputTopic topic, ConsumerRecord<ByteBuffer, ByteBuffer> record) {
    if (topic == OutputTopic.DEFERRED) {
      return new byte[] {DEFERRED};
    }
    ByteBuffer value = record.value();
    if (topic == OutputTopic.PREDICTIONS && value != null) {
      return ByteBuffer.allocate(1 + value.remaining())
          .put(PREDICTED)
          .put(value.duplicate())
          .array();
    }
    Header reason = record.headers().lastHeader(Headers.REASON);
    if (reason == null || !Headers.text(reason.value()).equals(Reason.ENRICHMENT_FAILED.code())) {
      return null;
    }
    Header detail = record.headers().lastHeader(Headers.DETAIL);
    byte[] text = detail == null ? new byte[0] : detail.value();
    return ByteBuffer.allocate(1 + text.length).put(FAILED).put(text).array();
  }
}
