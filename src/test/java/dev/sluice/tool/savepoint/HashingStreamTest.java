package dev.sluice.tool.savepoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.receipt.Receipt;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.memory.ByteArrayInputStreamWithPos;
import org.junit.jupiter.api.Test;

class HashingStreamTest {

  private static final int LENGTH = 1_000_003;
  private static final Path PATH = new Path("file:/somewhere");

  private final byte[] bytes = new byte[LENGTH];

  HashingStreamTest() {
    new Random(1).nextBytes(bytes);
  }

  @Test
  void theHashIsTheFilesHoweverItIsRead() throws Exception {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      try (ReadPool pool = new ReadPool(0, ReadProgress.NONE)) {
        HashingStream stream = new HashingStream(new Counted(bytes), pool);
        for (int i = 0; i < 20; i++) {
          int at = random.nextInt(LENGTH);
          stream.seek(at);
          assertThat(stream.getPos()).isEqualTo(at);
          byte[] part = new byte[random.nextInt(5_000)];
          int read = stream.readNBytes(part, 0, part.length);
          for (int j = 0; j < read; j++) {
            assertThat(part[j]).isEqualTo(bytes[at + j]);
          }
          if (random.nextInt(4) == 0) {
            int one = stream.read();
            assertThat(one).isEqualTo(at + read < LENGTH ? bytes[at + read] & 0xFF : -1);
          }
        }
        assertThat(stream.finish(PATH)).as("seed %s", seed).isEqualTo(expected());
      }
    }
  }

  @Test
  void aFileThatIsReadInItsOrderIsReadOnce() throws Exception {
    Counted file = new Counted(bytes);
    try (ReadPool pool = new ReadPool(0, ReadProgress.NONE)) {
      HashingStream stream = new HashingStream(file, pool);
      for (int at = 0; at < LENGTH; at += 100_000) {
        stream.seek(at);
        assertThat(stream.readNBytes(1_000)).hasSize(Math.min(1_000, LENGTH - at));
        stream.close();
      }
      assertThat(stream.finish(PATH)).isEqualTo(expected());
    }
    assertThat(file.read).isEqualTo(LENGTH);
    assertThat(file.closed).isTrue();
  }

  @Test
  void aPlaceBehindTheEndIsTheEnd() throws Exception {
    try (ReadPool pool = new ReadPool(0, ReadProgress.NONE)) {
      HashingStream stream = new HashingStream(new Counted(bytes), pool);
      stream.seek(LENGTH + 5L);
      assertThat(stream.read()).isEqualTo(-1);
      assertThat(stream.finish(PATH)).isEqualTo(expected());
    }
  }

  private Receipt.StoredFile expected() throws Exception {
    return new Receipt.StoredFile(
        PATH.toString(),
        LENGTH,
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
  }

  /** Counts what is read of it. */
  private static final class Counted extends FSDataInputStream {

    private final ByteArrayInputStreamWithPos in;
    private long read;
    private boolean closed;

    Counted(byte[] bytes) {
      this.in = new ByteArrayInputStreamWithPos(bytes);
    }

    @Override
    public void seek(long desired) {
      in.setPosition((int) desired);
    }

    @Override
    public long getPos() {
      return in.getPosition();
    }

    @Override
    public int read() {
      throw new AssertionError("byte by byte");
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int some = in.read(into, offset, Math.min(length, 70_000));
      read += Math.max(0, some);
      return some;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
