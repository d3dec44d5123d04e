package dev.sluice.tool.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardRegisterTest {

  @TempDir Path journal;

  /** The kernel drops all of a process's locks on a file when it closes any descriptor of it. */
  @Test
  void whoGivesUpDoesNotTakeTheLockOfAnotherThreadWithIt() throws Exception {
    CountDownLatch holds = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    CompletableFuture<Void> holder =
        CompletableFuture.runAsync(
            () -> {
              try {
                register(Duration.ofSeconds(5))
                    .update(
                        lines -> {
                          holds.countDown();
                          await(over);
                          return lines;
                        });
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    await(holds);
    assertThat(locks()).as("locks before").hasSize(1);
    assertThatThrownBy(() -> register(Duration.ofMillis(100)).update(lines -> lines))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is locked");
    assertThat(locks()).as("locks after another thread has given up").hasSize(1);
    over.countDown();
    holder.get(10, TimeUnit.SECONDS);
    assertThat(locks()).as("locks at the end").isEmpty();
  }

  private GuardRegister register(Duration patience) {
    return new GuardRegister(journal, patience, Time.system());
  }

  /** The kernel's list of this process's locks on the file. */
  private List<String> locks() throws IOException {
    Object inode = Files.getAttribute(journal.resolve("guards.json"), "unix:ino");
    String process = " " + ProcessHandle.current().pid() + " ";
    return Files.readAllLines(Path.of("/proc/locks")).stream()
        .filter(line -> line.contains(process) && line.contains(":" + inode + " "))
        .toList();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).as("in time").isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
