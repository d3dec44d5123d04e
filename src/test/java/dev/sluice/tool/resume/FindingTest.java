package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.broker.Waiting;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.resume.ResumeOutcome.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of inputs that wait, and of those that are not known. */
class FindingTest {

  private static final Waiting THREE = new Waiting(3, Waiting.Known.EXACTLY);

  @Test
  void onlyWhatWasWaitedForIsSaid() {
    assertThat(waiting(THREE).progressInWords()).isEqualTo(", and it reads on");
    assertThat(waiting(Waiting.NONE).progressInWords()).isEmpty();
    assertThat(waiting(Waiting.UNKNOWN).progressInWords())
        .doesNotContain("and it reads on")
        .contains("whether it reads further inputs is not known", "sluice status");
  }

  @Test
  void aNumberThatMayBeTooHighIsSaidToBeSo() {
    assertThat(new Waiting(100_000, Waiting.Known.EXACTLY).inWords()).isEqualTo("100,000");
    assertThat(new Waiting(50, Waiting.Known.AT_MOST).inWords()).isEqualTo("up to 50");
    assertThat(Waiting.UNKNOWN.inWords()).startsWith("an unknown number");
  }

  @Test
  void aNumberThatNobodyKnowsIsNotWrittenDown() {
    assertThat(waiting(THREE).toRead()).as("2 of them are answered").isEqualTo(3);
    assertThat(waiting(new Waiting(1, Waiting.Known.EXACTLY)).toRead())
        .as("what was answered after the count is read again, too")
        .isEqualTo(2);
    assertThat(waiting(Waiting.UNKNOWN).toRead()).isNull();
  }

  /** The answers of a job that runs are counted after its inputs. */
  @Test
  void noMoreAreAnsweredThanThereAreInputs() {
    assertThat(waiting(THREE).answered()).isEqualTo(2);
    assertThat(waiting(new Waiting(1, Waiting.Known.EXACTLY)).answered()).isEqualTo(1);
    assertThat(waiting(Waiting.UNKNOWN).answered()).isEqualTo(2);
  }

  private static Finding waiting(Waiting waiting) {
    return new Finding("file:/s", List.of(), List.of(), waiting, 2, 0, null);
  }

  /** Exit code 10 is for who may try again, 1 for who has to do something else. */
  @Test
  void whatIsRefusedForWantOfAnswersAloneMayBeTriedAgain() {
    String silent = RefusalCode.NO_ANSWER.in("a store was silent");
    String other = RefusalCode.RESUME_INCOMPLETE.in("a file is gone");
    assertThat(refused(silent, silent).exitCode()).isEqualTo(10);
    assertThat(refused(silent, other).exitCode()).isEqualTo(1);
    assertThat(refused(other).exitCode()).isEqualTo(1);
    assertThat(refused().exitCode()).as("for another reason").isEqualTo(1);
  }

  private static ResumeOutcome refused(String... refusals) {
    return new ResumeOutcome.Refused(Finding.refused("s", List.of(refusals), List.of()), "");
  }
}
