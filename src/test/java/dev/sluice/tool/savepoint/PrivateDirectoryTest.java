package dev.sluice.tool.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of state do not outlive the process that made them. */
class PrivateDirectoryTest {

  @TempDir Path folder;

  @Test
  void whatAKilledProcessHasLeftIsRemovedByTheNext() throws IOException {
    Path left = left("left");
    Path older = left("of-another-version");
    Files.delete(older.resolve(PrivateDirectory.IN_USE));
    Files.setLastModifiedTime(older, FileTime.from(Instant.now().minusSeconds(86_400)));
    Path foreign = Files.createDirectory(folder.resolve("foreign"));
    try (PrivateDirectory next = PrivateDirectory.create(folder)) {
      assertThat(next.path()).isDirectory();
      assertThat(left).doesNotExist();
      assertThat(older).doesNotExist();
      assertThat(foreign).isDirectory();
    }
  }

  @Test
  void whatThisProcessUsesStays() throws IOException {
    try (PrivateDirectory one = PrivateDirectory.create(folder);
        PrivateDirectory other = PrivateDirectory.create(folder)) {
      assertThat(one.path()).isDirectory().isNotEqualTo(other.path());
      PrivateDirectory.create(folder).close();
      assertThat(one.path()).isDirectory();
      assertThat(other.path()).isDirectory();
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void whatAnotherProcessUsesStaysUntilThatIsKilled() throws Exception {
    Path used = left("used");
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                used.resolve(PrivateDirectory.IN_USE).toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(other.getInputStream().read()).as("it holds the lock").isEqualTo('h');
      PrivateDirectory.create(folder).close();
      assertThat(used.resolve("000011.sst")).exists();
    } finally {
      other.destroyForcibly();
    }
    assertThat(other.waitFor(1, TimeUnit.MINUTES)).as("it has ended").isTrue();
    PrivateDirectory.create(folder).close();
    assertThat(used).doesNotExist();
  }

  /** Between creating the file and locking it, it seems abandoned. */
  @Test
  void oneThatAnotherProcessTakesForLeftIsMadeAgain() throws Exception {
    AtomicInteger made = new AtomicInteger();
    try (PrivateDirectory directory =
        PrivateDirectory.create(
            folder,
            file -> {
              if (made.incrementAndGet() <= 2) {
                removeAsAnotherProcessDoes();
              }
              FileLock unused = file.lock();
            })) {
      assertThat(directory.path().resolve(PrivateDirectory.IN_USE)).exists();
      assertThat(made).hasValue(3);
    }
    assertThat(folder).isEmptyDirectory();
  }

  /** Negative control: not without an end. */
  @Test
  void oneThatIsRemovedEachTimeIsGivenUp() {
    assertThatThrownBy(
            () -> PrivateDirectory.create(folder, file -> removeAsAnotherProcessDoes()).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("was removed by another process");
  }

  @Test
  void aFileSystemWithoutLocksIsGoodEnough() throws Exception {
    try (PrivateDirectory directory =
        PrivateDirectory.create(
            folder,
            file -> {
              throw new IOException("No locks available");
            })) {
      directory.newFile("000011.sst").close();
      assertThat(directory.path().resolve("000011.sst")).exists();
    }
    assertThat(folder).isEmptyDirectory();
  }

  private void removeAsAnotherProcessDoes() throws IOException {
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(folder, PrivateDirectory.PREFIX + "*")) {
      for (Path each : found) {
        Files.delete(each.resolve(PrivateDirectory.IN_USE));
        Files.delete(each);
      }
    }
  }

  /** As the pool's threads do while the JVM ends. */
  @Test
  void itIsRemovedWhileFilesAreStillMadeInIt() throws Exception {
    PrivateDirectory directory = PrivateDirectory.create(folder);
    CountDownLatch many = new CountDownLatch(200);
    Thread copies =
        new Thread(
            () -> {
              for (int i = 0; ; i++) {
                try (OutputStream out = directory.newFile("table-" + i)) {
                  out.write(i);
                } catch (IOException closed) {
                  return;
                }
                many.countDown();
              }
            });
    copies.start();
    assertThat(many.await(1, TimeUnit.MINUTES)).as("files are made").isTrue();
    directory.close();
    copies.join(60_000);
    assertThat(copies.isAlive()).isFalse();
    assertThat(folder).isEmptyDirectory();
  }

  private Path left(String name) throws IOException {
    Path left = Files.createDirectory(folder.resolve(PrivateDirectory.PREFIX + name));
    Files.writeString(left.resolve("000011.sst"), "state");
    Files.createFile(left.resolve(PrivateDirectory.IN_USE));
    return left;
  }

  /** Holds the lock of a file until it is killed. */
  static final class Holder {
    public static void main(String[] args) throws IOException {
      try (FileChannel channel = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        System.out.print(lock.isValid() ? 'h' : 'n');
        System.out.flush();
        int unused = System.in.read(); // Its standard input is never written to.
      }
    }
  }
}
