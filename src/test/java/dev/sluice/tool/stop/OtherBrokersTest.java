package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which brokers of the operator's settings are others than the job's. */
class OtherBrokersTest {

  private static final String KEY = "sluice.kafka.bootstrap-servers";

  @ParameterizedTest
  @CsvSource({
    "a:9092, a:9092, false",
    "'a:9092,b:9092', 'b:9092, a:9092', false",
    "'a:9092,b:9092', a:9092, true",
    "inside:9092, outside:9092, true",
    ", 127.0.0.1:9092, false",
    ", a:9092, true",
    "a:9092, , false",
  })
  void oneListOfServersMayBeWrittenInSeveralWays(
      @Nullable String published, @Nullable String own, boolean others) {
    JobFacts job =
        new JobFacts(
            StopWorld.ID,
            "a",
            "2.2.1",
            "1",
            2,
            new TreeMap<>(named(published)),
            new TreeMap<>(),
            null,
            "");
    assertThat(OtherBrokers.of(job, named(own)).isPresent()).isEqualTo(others);
  }

  private static Map<String, String> named(@Nullable String servers) {
    return servers == null ? Map.of() : Map.of(KEY, servers);
  }
}
