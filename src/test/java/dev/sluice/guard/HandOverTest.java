package dev.sluice.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guards that are replaced: the job runs on, and somebody guards it. */
class HandOverTest {

  @TempDir Path journal;

  @Test
  void aSignalEndsTheOldGuardAloneWhenTheNewOneIsReady() throws Exception {
    try (GuardUnderTest old = new GuardUnderTest(options());
        GuardUnderTest next = new GuardUnderTest(options())) {
      old.awaitReadiness(200, "ok");
      next.awaitReadiness(200, "ok");
      old.signal("TERM");
      assertThat(old.exitCode()).isEqualTo(8);
      assertThat(old.stop.starts() + next.stop.starts()).as("stops").isZero();
      next.signal("TERM");
      assertThat(next.stop.starts()).as("the last guard stops").isEqualTo(1);
      next.stop.endsWith(HeldStop.proved());
      assertThat(next.exitCode()).isZero();
    }
  }

  @Test
  void aRequestEndsTheGuardAndTheJobRunsOn() throws Exception {
    try (GuardUnderTest guard = new GuardUnderTest(options())) {
      assertThat(
              guard
                  .ask("POST", "/detach", "Authorization", "Bearer " + GuardUnderTest.TOKEN)
                  .statusCode())
          .isEqualTo(200);
      assertThat(guard.exitCode()).isEqualTo(8);
      assertThat(guard.stop.starts()).isZero();
    }
  }

  @Test
  void aHangUpEndsTheGuardAndTheJobRunsOn() throws Exception {
    assertThat(Signals.STOPPING).doesNotContain("HUP");
    try (GuardUnderTest guard = new GuardUnderTest(options())) {
      guard.signal("HUP");
      assertThat(guard.exitCode()).isEqualTo(8);
      assertThat(guard.stop.starts()).isZero();
    }
  }

  private GuardUnderTest.Options options() {
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    options.journal = journal;
    return options;
  }
}
