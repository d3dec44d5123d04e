package dev.sluice.job;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.api.common.ExecutionConfig.GlobalJobParameters;
import org.jspecify.annotations.Nullable;

/**
 * What a running job tells of its settings over Flink's REST interface, so that nobody has to say
 * again how to reach it: all but those that may hold secrets.
 */
public final class PublishedSettings extends GlobalJobParameters {

  /** The version of the job's jar, published beside its settings. */
  public static final String VERSION = "sluice-version";

  private static final long serialVersionUID = 1L;

  private final TreeMap<String, String> published;

  private PublishedSettings(Map<String, String> published) {
    this.published = new TreeMap<>(published);
  }

  static PublishedSettings of(Map<String, String> flat) {
    Map<String, String> published = withoutSecrets(flat);
    String version = PublishedSettings.class.getPackage().getImplementationVersion();
    published.put(VERSION, version == null ? "unpackaged" : version);
    return new PublishedSettings(published);
  }

  /** Settings that anybody may see. */
  public static SortedMap<String, String> withoutSecrets(Map<String, String> flat) {
    SortedMap<String, String> open = new TreeMap<>(flat);
    open.keySet().removeIf(key -> key.startsWith(SluiceOptions.KAFKA_PROPERTIES));
    open.remove(EnrichOptions.TOKEN.key());
    return open;
  }

  @Override
  public Map<String, String> toMap() {
    return published;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PublishedSettings that && published.equals(that.published);
  }

  @Override
  public int hashCode() {
    return published.hashCode();
  }
}
