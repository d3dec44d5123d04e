package dev.sluice.tool.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.codec.Headers;
import dev.sluice.tool.audit.AuditReport.Anomaly;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class ReplaysTest {

  private final Findings findings = new Findings(5);
  private final Replays replays = new Replays("deferred", findings);

  @Test
  void whatHasNotComeBackIsCountedWhateverElseThereIs() {
    answer("deferred", 0, 4);
    answer("deferred", 1, 4);
    answer("predictions", 0, 5);
    input(7, "deferred/0/4");
    input(8, "others/1/4");
    input(9, "no origin");
    assertThat(replays.tally()).isEqualTo(new AuditReport.Deferrals(2, 1));
    assertThat(replays.anyLeft()).isTrue();
    assertThat(findings.found(Map.of())).isEmpty();
    input(10, "deferred/1/4");
    assertThat(replays.anyLeft()).isFalse();
  }

  @Test
  void eachTimeButTheFirstIsNamedWithBothPlaces() {
    answer("deferred", 0, 4);
    input(7, "deferred/0/4");
    input(8, "deferred/0/4");
    input(9, "deferred/0/4");
    assertThat(findings.found(Map.of()))
        .singleElement()
        .satisfies(
            twice -> {
              assertThat(twice.anomaly()).isEqualTo(Anomaly.REPLAYED_TWICE);
              assertThat(twice.count()).isEqualTo(2);
              assertThat(twice.examples().get(0))
                  .isEqualTo("deferred/0@4 is fed back once more at events/0@8");
            });
    assertThat(replays.tally()).isEqualTo(new AuditReport.Deferrals(1, 0));
  }

  private void answer(String topic, int partition, long offset) {
    replays.answer(new ConsumerRecord<>(topic, partition, offset, null, null));
  }

  private void input(long offset, String replayOf) {
    ConsumerRecord<ByteBuffer, ByteBuffer> record =
        new ConsumerRecord<>("events", 0, offset, null, null);
    record.headers().add(Headers.REPLAY_OF, replayOf.getBytes(UTF_8));
    assertThat(replays.input(record)).isTrue();
  }
}
