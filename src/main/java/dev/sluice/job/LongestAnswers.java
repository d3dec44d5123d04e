package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.codec.AnswerEncoder;
import dev.sluice.codec.Headers;
import dev.sluice.event.Answer;
import dev.sluice.event.Answer.ControlReply;
import dev.sluice.event.Answer.Evaluation;
import dev.sluice.event.Answer.Evaluation.Scored;
import dev.sluice.event.Answer.Prediction;
import dev.sluice.event.ControlEcho;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import dev.sluice.event.ServedBy;
import dev.sluice.event.Target;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The largest size of answers that are no inputs, found by encoding the longest ones: ids and keys
 * as long as the decoders take them and made of what JSON writes with six bytes, every score with
 * as many digits as there are.
 */
final class LongestAnswers {

  private static final String NAME = "\u0001".repeat(1024);
  private static final Origin ORIGIN =
      new Origin("t".repeat(249), Integer.MAX_VALUE, Long.MAX_VALUE);
  private static final long LAST_MS = 253_402_300_799_999L;

  /** A feature service's answer has 64 KiB at most, and "\t" or 1 becomes three times as long. */
  private static final int LOOKUP = 3 * (64 << 10);

  private static final double DIGITS = -1.2345678901234567E-308;

  private LongestAnswers() {}

  /**
   * Bytes of the longest record for each topic that is sent in a batch of its own.
   *
   * @param labels the job's labels; none for a regression job
   * @param lookups whether predictions contain what was looked up
   */
  static Map<OutputTopic, Integer> of(List<String> labels, boolean lookups) {
    double[] outputs = new double[Math.max(1, labels.size())];
    Arrays.fill(outputs, DIGITS);
    String label =
        labels.stream()
            .max(Comparator.comparingInt(each -> each.getBytes(UTF_8).length))
            .orElse("");
    if (!label.isEmpty()) {
      outputs[labels.indexOf(label)] = -DIGITS;
    }
    Scored scored = new Scored(outputs, DIGITS);
    List<Answer> longest =
        List.of(
            new Prediction(
                ORIGIN,
                NAME,
                NAME,
                LAST_MS,
                outputs,
                ServedBy.CHALLENGER,
                Integer.MAX_VALUE,
                Long.MAX_VALUE),
            new Evaluation(
                ORIGIN,
                NAME,
                NAME,
                LAST_MS,
                label.isEmpty() ? new Target.Value(DIGITS) : new Target.Label(label),
                ServedBy.CHALLENGER,
                false,
                Long.MIN_VALUE,
                scored,
                scored,
                scored,
                new Evaluation.Shadow(Integer.MAX_VALUE, scored)),
            reply());
    AnswerEncoder encoder = new AnswerEncoder(labels);
    Map<OutputTopic, Integer> bytes = new EnumMap<>(OutputTopic.class);
    for (Answer answer : longest) {
      OutputRecord record = encoder.encode(answer);
      bytes.put(record.topic(), size(record));
    }
    if (lookups) {
      bytes.merge(OutputTopic.PREDICTIONS, LOOKUP, Integer::sum);
    }
    return bytes;
  }

  /** Its texts other than names are cut to 200 bytes when they are read. */
  private static ControlReply reply() {
    String shown = "\"".repeat(200);
    ControlEcho echo = new ControlEcho(NAME, shown, shown, NAME, Long.MIN_VALUE, shown);
    return new ControlReply(ORIGIN, echo, NAME + NAME, true);
  }

  private static int size(OutputRecord answer) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>("any", null, null, answer.key(), answer.value());
    record.headers().add(Headers.ORIGIN, Headers.originBytes(answer.origin()));
    record.headers().add(Headers.CONTROL_POSITION, Headers.bytes("" + Long.MAX_VALUE));
    return OutputLimits.size(record);
  }
}
