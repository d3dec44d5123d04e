package dev.sluice.enrich;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.Event.Observation;
import java.io.Serializable;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;

/**
 * Where an observation's features are looked up.
 *
 * @param template an absolute http or https URL with {@code {key}} or {@code {id}} in it, and
 *     {@code {time}} if the service wants it
 */
public record LookupUrl(String template) implements Serializable {

  private static final String KEY = "{key}";
  private static final String ID = "{id}";
  private static final String TIME = "{time}";

  /**
   * Checks the template.
   *
   * @throws IllegalArgumentException if no observation could be looked up there; the message does
   *     not show a user or password
   */
  public LookupUrl {
    URI uri = parse(fill(template, "k", "i", "0"));
    if (uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "the URL must not hold a user or password, for it is logged and published; give a token instead");
    }
    boolean http = "http".equalsIgnoreCase(uri.getScheme());
    if (!(http || "https".equalsIgnoreCase(uri.getScheme())) || uri.getHost() == null) {
      throw new IllegalArgumentException(
          "(%s) must be http://HOST… or https://HOST…".formatted(template));
    }
    if (!template.contains(KEY) && !template.contains(ID)) {
      throw new IllegalArgumentException(
          "(%s) must hold {key} or {id}, or every observation would get the same features"
              .formatted(template));
    }
  }

  /** The URL for one observation, its parts percent-encoded. */
  URI of(Observation observation) {
    return URI.create(
        fill(template, observation.key(), observation.id(), "" + observation.timeMs()));
  }

  /** Whether requests are encrypted. */
  boolean encrypted() {
    return template.regionMatches(true, 0, "https", 0, "https".length());
  }

  /** One pass, so that a key in the form of a placeholder stays a key. */
  private static String fill(String template, String key, String id, String time) {
    StringBuilder url = new StringBuilder(template.length() + key.length() + id.length());
    for (int i = 0; i < template.length(); ) {
      if (template.startsWith(KEY, i)) {
        url.append(encoded(key));
        i += KEY.length();
      } else if (template.startsWith(ID, i)) {
        url.append(encoded(id));
        i += ID.length();
      } else if (template.startsWith(TIME, i)) {
        url.append(encoded(time));
        i += TIME.length();
      } else {
        url.append(template.charAt(i++));
      }
    }
    return url.toString();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20").replace("*", "%2A");
  }

  private static URI parse(String url) {
    try {
      return new URI(url);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "not a URL with the placeholders {key}, {id} and {time}: %s at character %s"
              .formatted(e.getReason(), e.getIndex()));
    }
  }

  @Override
  public String toString() {
    return template;
  }
}
