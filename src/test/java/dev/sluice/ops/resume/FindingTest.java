package dev.sluice.ops.resume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ops.broker.Brokers;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of inputs that wait, and of those of which nobody knows. */
class FindingTest {

  @Test
  void onlyWhatWasWaitedForIsSaid() {
    assertThat(waiting(3).progressInWords()).isEqualTo(", and it reads on");
    assertThat(waiting(0).progressInWords()).isEmpty();
    assertThat(waiting(Finding.UNKNOWN).progressInWords())
        .doesNotContain("and it reads on")
        .contains("whether it reads on is not known", "sluice status");
  }

  @Test
  void aNumberThatMayBeTooHighIsSaidToBeSo() {
    assertThat(waiting(Brokers.COUNTED).waitingInWords()).isEqualTo("100,000");
    assertThat(waiting(Brokers.COUNTED + 1L).waitingInWords()).isEqualTo("up to 100,001");
    assertThat(waiting(Finding.UNKNOWN).waitingInWords()).startsWith("an unknown number");
  }

  private static Finding waiting(long waiting) {
    return new Finding("file:/s", List.of(), List.of(), waiting, 0, 0, null);
  }
}
