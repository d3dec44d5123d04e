package dev.sluice.tool.receipt;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.stream.Stream;

/** The JSON form of a receipt's times, outcomes and states. */
final class Forms {

  private Forms() {}

  /** ISO-8601, UTC. */
  static final class Write extends JsonSerializer<Instant> {
    @Override
    public void serialize(Instant time, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(time.toString());
    }
  }

  static final class Read extends JsonDeserializer<Instant> {
    @Override
    public Instant deserialize(JsonParser in, DeserializationContext context) throws IOException {
      try {
        return Instant.parse(in.getText());
      } catch (DateTimeException e) {
        return (Instant)
            context.handleWeirdStringValue(Instant.class, in.getText(), "not an ISO-8601 time");
      }
    }
  }

  static final class WriteOutcome extends JsonSerializer<StopResult.Kind> {
    @Override
    public void serialize(StopResult.Kind outcome, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(outcome.code());
    }
  }

  static final class ReadOutcome extends JsonDeserializer<StopResult.Kind> {
    @Override
    public StopResult.Kind deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      String code = in.getText();
      return Stream.of(StopResult.Kind.values())
          .filter(outcome -> outcome.isStopped() && outcome.code().equals(code))
          .findFirst()
          .orElseThrow(
              () -> context.weirdStringException(code, StopResult.Kind.class, "no such outcome"));
    }
  }

  static final class WriteState extends JsonSerializer<Receipt.Resumption.State> {
    @Override
    public void serialize(
        Receipt.Resumption.State state, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(state.code());
    }

    /** Receipts of jobs that were seen to run are as they were before there was a state. */
    @Override
    public boolean isEmpty(SerializerProvider provider, Receipt.Resumption.State state) {
      return state == Receipt.Resumption.State.RUNS;
    }
  }

  static final class ReadState extends JsonDeserializer<Receipt.Resumption.State> {
    @Override
    public Receipt.Resumption.State deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      String code = in.getText();
      return Stream.of(Receipt.Resumption.State.values())
          .filter(state -> state.code().equals(code))
          .findFirst()
          .orElseThrow(
              () ->
                  context.weirdStringException(
                      code, Receipt.Resumption.State.class, "no such state"));
    }
  }
}
