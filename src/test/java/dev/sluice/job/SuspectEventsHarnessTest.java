package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Suspect events are counted and answered all the same, across a stop and a resume. */
@SuppressWarnings("try") // the harness's close() is declared to throw any exception
class SuspectEventsHarnessTest {

  private static final Map<String, String> SETTINGS = Map.of("sluice.features.width", "16");
  private static final long NOW_MS = 1_000_000_000_000L;

  private int sent;

  @Test
  void badDataIsCountedByKindAndStillPredicted() throws Exception {
    try (ExpiryHarness job = ExpiryHarness.started(SETTINGS)) {
      warmUp(job);

      predicted(job, NOW_MS, "{\"temperature\":\"70.5\"}");
      predicted(job, NOW_MS, "{\"temprature\":70.5}");
      predicted(job, NOW_MS / 1000, "{\"temperature\":70.5}");

      assertCounted(job, 1, 1, 1);
    }
  }

  @Test
  void aResumedJobKnowsItsFeatures() throws Exception {
    ExpiryHarness job = ExpiryHarness.started(SETTINGS);
    warmUp(job);
    try (ExpiryHarness resumed = job.resumed(SETTINGS)) {
      predicted(resumed, NOW_MS, "{\"temperature\":70.5}");
      assertCounted(resumed, 0, 0, 0);

      predicted(resumed, NOW_MS, "{\"temprature\":70.5}");
      assertCounted(resumed, 0, 1, 0);
    }
  }

  private void warmUp(ExpiryHarness job) throws Exception {
    for (int i = 0; i < FeatureWatch.FIRST; i++) {
      predicted(job, NOW_MS, "{\"temperature\":70.5}");
    }
    assertCounted(job, 0, 0, 0);
  }

  private void predicted(ExpiryHarness job, long timeMs, String features) throws Exception {
    String json =
        """
        {"type":"observation","id":"f-%s","key":"LAS","time":%s,"features":%s}"""
            .formatted(sent++, timeMs, features);

    List<OutputRecord> answers = job.event("LAS", json, NOW_MS);

    assertThat(answers).extracting(OutputRecord::topic).containsExactly(OutputTopic.PREDICTIONS);
  }

  private static void assertCounted(
      ExpiryHarness job, long otherType, long newFeature, long farTime) {
    assertThat(
            List.of(
                job.metric("kind.feature-type.suspectEvents"),
                job.metric("kind.new-feature.suspectEvents"),
                job.metric("kind.far-time.suspectEvents")))
        .as("feature-type, new-feature, far-time")
        .containsExactly(otherType, newFeature, farTime);
  }
}
