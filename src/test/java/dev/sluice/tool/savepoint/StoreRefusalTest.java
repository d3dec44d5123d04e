package dev.sluice.tool.savepoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.util.List;
import org.apache.flink.core.fs.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What to check where a store refuses. */
class StoreRefusalTest {

  @ParameterizedTest
  @CsvSource({
    "file:/data/savepoints/x, false",
    "/data/savepoints/x, false",
    "s3://bucket/savepoints/x, true"
  })
  void onlyAStoreHasCredentials(String file, boolean store) {
    UnreadFileException refused =
        new UnreadFileException(new Path(file), new AccessDeniedException(file));
    assertThat(refused).hasMessageContaining("has the rights to it");
    assertThat(refused.toString().contains("FLINK_CONF_DIR")).isEqualTo(store);
  }

  @ParameterizedTest
  @CsvSource({
    "file:/data/savepoints/x, false",
    "/data/savepoints/x, false",
    "s3://bucket/savepoints/x, true"
  })
  void aStoreThatDoesNotAnswerIsLookedForAtItsEndpoint(String file, boolean store) {
    for (String said :
        List.of(
            SavepointDirectory.whereSilent(file),
            UnreadFileException.ofOneThatHangs(file, Duration.ofSeconds(2)).toString())) {
      assertThat(said).contains("check that it is there");
      assertThat(said.contains("s3.endpoint, comes from FLINK_CONF_DIR's config.yaml, which is "))
          .as(said)
          .isEqualTo(store);
    }
  }
}
