package dev.sluice.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sluice.event.Features;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads from published predictions what was looked up for them. Used by one thread. */
public final class LookupReader {

  private final JsonFactory json = EventDecoder.strictJson();
  private final FeatureReader features;

  /**
   * Reads the predictions of one job.
   *
   * @param maxFeatures how many features an observation may have at most
   */
  public LookupReader(int maxFeatures) {
    this.features = new FeatureReader(maxFeatures);
  }

  /**
   * What was looked up for one prediction.
   *
   * @param value the prediction's value
   * @return null if the prediction does not contain it
   */
  public @Nullable Features read(byte[] value) {
    try (JsonParser parser = json.createParser(value)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        JsonToken token = parser.nextToken();
        if (name.equals("lookup") && token == JsonToken.START_OBJECT) {
          features.read(parser);
          return features.problem() == null ? features.features() : null;
        }
        parser.skipChildren();
      }
      return null;
    } catch (IOException e) {
      return null; // another program's record
    }
  }
}
