package dev.sluice.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.sluice.event.Features;
import java.io.IOException;

/** Reads a JSON object of features, as strictly as those of an event. Thread-safe. */
public final class FeaturesDecoder {

  private final JsonFactory json = EventDecoder.strictJson();
  private final int maxFeatures;

  /** A decoder that takes at most so many features. */
  public FeaturesDecoder(int maxFeatures) {
    this.maxFeatures = maxFeatures;
  }

  /**
   * Reads one JSON object in UTF-8 and nothing behind it.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public Features decode(byte[] value) {
    int invalid = StrictUtf8.firstInvalid(value);
    if (invalid >= 0) {
      throw new IllegalArgumentException("not UTF-8 at byte " + invalid);
    }
    FeatureReader features = new FeatureReader(maxFeatures);
    try (JsonParser parser = json.createParser(value)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("not a JSON object");
      }
      features.read(parser);
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("there is more text after its JSON object");
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("it can't be read: " + e.getMessage(), e);
    }
    Problem problem = features.problem();
    if (problem != null) {
      throw new IllegalArgumentException(problem.detail());
    }
    return features.features();
  }
}
