package dev.sluice.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.Answer;
import dev.sluice.event.Answer.ControlReply;
import dev.sluice.event.Answer.DeadLetter;
import dev.sluice.event.Answer.Deferred;
import dev.sluice.event.Answer.Evaluation;
import dev.sluice.event.Answer.Prediction;
import dev.sluice.event.ControlEcho;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Target;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns answers into the records of the output topics: JSON without white space, fields in a fixed
 * order, times as ISO-8601 in UTC, doubles as the shortest decimals that read back as the same
 * doubles. A number that is not finite is written as null, JSON having no word for it.
 *
 * <p>Owned by one thread; keeps a buffer between answers.
 */
public final class AnswerEncoder {

  /** A reason may quote what a file system or a model file says; no topic takes an endless one. */
  private static final int MAX_REASON_CHARS = 2048;

  private final List<String> labels;

  /** Each label as a field of {@code scores}, its comma included. */
  private final byte[][] scoreFields;

  private final JsonBytes json = new JsonBytes();

  /**
   * Makes an encoder for one job.
   *
   * @param labels the job's labels in the order of the outputs; none for a regression job
   */
  public AnswerEncoder(List<String> labels) {
    this.labels = List.copyOf(labels);
    this.scoreFields = new byte[labels.size()][];
    for (int i = 0; i < scoreFields.length; i++) {
      json.clear();
      scoreFields[i] = json.raw(i == 0 ? "" : ",").string(labels.get(i)).raw(":").toByteArray();
    }
  }

  /**
   * Encodes one answer.
   *
   * @throws IllegalArgumentException if its outputs do not fit the job's labels
   */
  public OutputRecord encode(Answer answer) {
    if (answer instanceof Prediction prediction) {
      return record(OutputTopic.PREDICTIONS, answer.origin(), prediction.key(), json(prediction));
    }
    if (answer instanceof Evaluation evaluation) {
      return record(OutputTopic.EVALUATIONS, answer.origin(), evaluation.key(), json(evaluation));
    }
    if (answer instanceof Deferred deferred) {
      RawRecord raw = deferred.raw();
      return new OutputRecord(
          OutputTopic.DEFERRED, raw.origin(), raw.key(), raw.value(), null, null);
    }
    if (answer instanceof ControlReply reply) {
      String id = reply.echo().id();
      byte[] key = id == null ? null : id.getBytes(UTF_8);
      return new OutputRecord(
          OutputTopic.CONTROL_LOG, reply.origin(), key, json(reply), null, null);
    }
    DeadLetter letter = (DeadLetter) answer;
    return new OutputRecord(
        OutputTopic.DEAD_LETTERS,
        letter.origin(),
        letter.raw().key(),
        letter.raw().value(),
        letter.reason(),
        letter.detail());
  }

  /**
   * Encodes a prediction of a job with feature lookups.
   *
   * @param found what was found, none of it among the observation's own features
   */
  public OutputRecord encode(Prediction prediction, Features found) {
    OutputRecord record = encode(prediction);
    byte[] value = Objects.requireNonNull(record.value());
    json.clear();
    json.raw(Arrays.copyOf(value, value.length - 1)).raw(",\"lookup\":{");
    for (int i = 0; i < found.size(); i++) {
      json.raw(i == 0 ? "" : ",").string(found.names()[i]).raw(":");
      String text = found.texts()[i];
      if (text == null) {
        json.number(found.numbers()[i]);
      } else {
        json.string(text);
      }
    }
    return record(
        OutputTopic.PREDICTIONS,
        prediction.origin(),
        prediction.key(),
        json.raw("}}").toByteArray());
  }

  private static OutputRecord record(OutputTopic topic, Origin origin, String key, byte[] value) {
    return new OutputRecord(topic, origin, key.getBytes(UTF_8), value, null, null);
  }

  private byte[] json(Prediction prediction) {
    double[] outputs = prediction.outputs();
    envelope(prediction.id(), prediction.key(), prediction.timeMs());
    json.raw(isRegression() ? ",\"value\":" : ",\"prediction\":");
    answer(outputs);
    if (!isRegression()) {
      json.raw(",\"scores\":");
      scores(outputs);
    }
    json.raw(",\"servedBy\":").string(prediction.servedBy().code()).raw(",\"championVersion\":");
    Integer version = prediction.championVersion();
    if (version == null) {
      json.raw("null");
    } else {
      json.number(version.longValue());
    }
    return json.raw(",\"updates\":").number(prediction.updates()).raw("}").toByteArray();
  }

  private byte[] json(Evaluation evaluation) {
    envelope(evaluation.id(), evaluation.key(), evaluation.timeMs());
    target(evaluation.target());
    json.raw(",\"prediction\":");
    answer(evaluation.served().outputs());
    json.raw(",\"servedBy\":").string(evaluation.servedBy().code());
    json.raw(",\"learned\":").raw(evaluation.learned() ? "true" : "false");
    json.raw(",\"delayMs\":").number(evaluation.delayMs());
    json.raw(",\"served\":");
    int from = json.size();
    scored(evaluation.served());
    int to = json.size();
    json.raw(",\"champion\":");
    scored(evaluation.champion());
    json.raw(",\"challenger\":");
    if (isSame(evaluation.served(), evaluation.challenger())) {
      json.again(from, to);
    } else {
      scored(evaluation.challenger());
    }
    Evaluation.Shadow shadow = evaluation.shadow();
    if (shadow != null) {
      json.raw(",\"shadow\":{\"version\":").number((long) shadow.version()).raw(",");
      outputsAndLoss(shadow.scored());
    }
    return json.raw("}").toByteArray();
  }

  /** The command's own fields, then its result. */
  private byte[] json(ControlReply reply) {
    ControlEcho echo = reply.echo();
    json.clear();
    json.raw("{");
    text("id", echo.id());
    text("command", echo.command());
    text("part", echo.part());
    text("key", echo.key());
    Long version = echo.version();
    if (version != null) {
      json.raw("\"version\":").number(version.longValue()).raw(",");
    }
    text("policy", echo.policy());
    json.raw("\"accepted\":").raw(reply.accepted() ? "true" : "false").raw(",\"reason\":");
    String reason = reply.reason();
    if (reason == null) {
      json.raw("null");
    } else {
      json.string(Details.cut(reason, MAX_REASON_CHARS));
    }
    return json.raw(reply.repeated() ? ",\"repeated\":true}" : "}").toByteArray();
  }

  private void text(String name, @Nullable String value) {
    if (value != null) {
      json.raw("\"").raw(name).raw("\":").string(value).raw(",");
    }
  }

  private void envelope(String id, String key, long timeMs) {
    json.clear();
    json.raw("{\"id\":").string(id).raw(",\"key\":").string(key);
    json.raw(",\"time\":\"").time(timeMs).raw("\"");
  }

  private void target(Target target) {
    if (target instanceof Target.Label label) {
      json.raw(",\"label\":").string(label.name());
    } else {
      json.raw(",\"value\":").number(((Target.Value) target).value());
    }
  }

  /** As where no champion is part of what is served. */
  private static boolean isSame(Evaluation.Scored one, Evaluation.Scored other) {
    return Double.compare(one.loss(), other.loss()) == 0
        && Arrays.equals(one.outputs(), other.outputs());
  }

  private void scored(Evaluation.@Nullable Scored scored) {
    if (scored == null) {
      json.raw("null");
      return;
    }
    json.raw("{");
    outputsAndLoss(scored);
  }

  private void outputsAndLoss(Evaluation.Scored scored) {
    if (isRegression()) {
      json.raw("\"value\":");
      answer(scored.outputs());
    } else {
      json.raw("\"scores\":");
      scores(scored.outputs());
    }
    if (isRegression()) {
      json.raw(",\"loss\":").number(scored.loss());
    }
    json.raw(",\"logLoss\":").number(scored.loss()).raw("}");
  }

  /** The label with the highest score, the first of equals; or the predicted value. */
  private void answer(double[] outputs) {
    requireFit(outputs);
    if (isRegression()) {
      json.number(outputs[0]);
      return;
    }
    int best = 0;
    for (int i = 1; i < outputs.length; i++) {
      best = outputs[i] > outputs[best] ? i : best;
    }
    json.string(labels.get(best));
  }

  private void scores(double[] outputs) {
    requireFit(outputs);
    json.raw("{");
    for (int i = 0; i < outputs.length; i++) {
      json.raw(scoreFields[i]).number(outputs[i]);
    }
    json.raw("}");
  }

  private void requireFit(double[] outputs) {
    if (outputs.length != Math.max(1, labels.size())) {
      throw new IllegalArgumentException(
          "(%s) outputs do not fit the labels %s".formatted(outputs.length, labels));
    }
  }

  private boolean isRegression() {
    return labels.isEmpty();
  }
}
