package dev.sluice.ops.receipt;

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

/** How a receipt's times and outcomes look in JSON. */
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

  static final class WriteOutcome extends JsonSerializer<Receipt.Outcome> {
    @Override
    public void serialize(Receipt.Outcome outcome, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(outcome.code());
    }
  }

  static final class ReadOutcome extends JsonDeserializer<Receipt.Outcome> {
    @Override
    public Receipt.Outcome deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      String code = in.getText();
      return Stream.of(Receipt.Outcome.values())
          .filter(outcome -> outcome.code().equals(code))
          .findFirst()
          .orElseThrow(
              () -> context.weirdStringException(code, Receipt.Outcome.class, "no such outcome"));
    }
  }
}
