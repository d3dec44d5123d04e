package dev.sluice.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads the answers to control commands that {@link AnswerEncoder} has written. */
public final class ReplyReader {

  private static final JsonFactory JSON = EventDecoder.strictJson();

  /**
   * The result of a command.
   *
   * @param reason why it was rejected, null if it was carried out
   * @param repeated whether the same command was answered before, so that nothing was done now
   */
  public record Reply(@Nullable String reason, boolean repeated) {}

  private ReplyReader() {}

  /**
   * Reads one answer.
   *
   * @param value the answer's value, null if there is none
   * @return null if there is none, or the bytes are none
   */
  public static @Nullable Reply read(byte @Nullable [] value) {
    if (value == null) {
      return null;
    }
    Boolean accepted = null;
    String reason = null;
    boolean repeated = false;
    try (JsonParser parser = JSON.createParser(value)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        JsonToken token = parser.nextToken();
        if (name.equals("accepted") && token.isBoolean()) {
          accepted = token == JsonToken.VALUE_TRUE;
        } else if (name.equals("repeated")) {
          repeated = token == JsonToken.VALUE_TRUE;
        } else if (name.equals("reason") && token == JsonToken.VALUE_STRING) {
          reason = parser.getText();
        } else {
          parser.skipChildren();
        }
      }
    } catch (IOException e) {
      return null; // another program's record
    }
    if (accepted == null || accepted == (reason != null)) {
      return null;
    }
    return new Reply(reason, repeated);
  }
}
