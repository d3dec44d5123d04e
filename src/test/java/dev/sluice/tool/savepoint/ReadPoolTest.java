package dev.sluice.tool.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReadPoolTest {

  @Test
  void whoWaitsIsToldHowFarItIs() throws IOException {
    CountDownLatch reported = new CountDownLatch(2);
    List<String> heard = new ArrayList<>();
    Thread waiting = Thread.currentThread();
    ReadProgress progress =
        (done, all) -> {
          assertThat(Thread.currentThread()).isSameAs(waiting);
          heard.add(done + " of " + all);
          reported.countDown();
        };
    try (ReadPool pool =
        new ReadPool(100, progress, Duration.ofMillis(1), Duration.ofNanos(Long.MAX_VALUE))) {
      Future<String> task =
          pool.submit(
              () -> {
                pool.read(40);
                reported.await();
                return "done";
              });
      assertThat(pool.await(task)).isEqualTo("done");
    }
    assertThat(heard).hasSizeGreaterThanOrEqualTo(2).last().isEqualTo("40 of 100");
  }

  @Test
  void whatIsSoonDoneTellsNothing() throws IOException {
    List<Long> heard = new ArrayList<>();
    try (ReadPool pool =
        new ReadPool(
            1,
            (done, all) -> heard.add(done),
            Duration.ofHours(1),
            Duration.ofNanos(Long.MAX_VALUE))) {
      assertThat(pool.await(List.of(pool.submit(() -> 1), pool.submit(() -> 2))))
          .containsExactly(1, 2);
    }
    assertThat(heard).isEmpty();
  }

  @Test
  void theFirstFailureIsThrownWhenAllHaveEnded() {
    AtomicBoolean ended = new AtomicBoolean();
    CountDownLatch failed = new CountDownLatch(1);
    try (ReadPool pool = new ReadPool(0, ReadProgress.NONE)) {
      List<Future<String>> tasks =
          List.of(
              pool.submit(
                  () -> {
                    failed.countDown();
                    throw new IllegalStateException("first");
                  }),
              pool.submit(
                  () -> {
                    failed.await();
                    ended.set(true);
                    throw new IOException("second");
                  }));
      assertThatThrownBy(() -> pool.await(tasks)).hasMessage("first");
      assertThat(ended).as("no task may use what is closed then").isTrue();
    }
  }

  @Test
  void anInterruptEndsEveryTaskBeforeItIsThrown() throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    try (ReadPool pool = new ReadPool(0, ReadProgress.NONE)) {
      Future<String> task =
          pool.submit(
              () -> {
                try {
                  while (true) {
                    pool.read(1);
                    reading.countDown();
                  }
                } finally {
                  ended.set(true);
                }
              });
      reading.await();
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> pool.await(task)).isInstanceOf(InterruptedIOException.class);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(ended).isTrue();
    }
  }
}
