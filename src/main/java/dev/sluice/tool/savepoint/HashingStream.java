package dev.sluice.tool.savepoint;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.Sha256;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;

/**
 * Computes the hash of a file while it is read for another purpose, so that it is read once. What a
 * seek would skip is read, and what a seek goes back to is not hashed again. {@link #close} does
 * nothing, because the hash needs what comes behind the last entry, too: {@link #finish} ends it.
 */
final class HashingStream extends FSDataInputStream {

  private static final int BUFFER_BYTES = 1 << 17;

  private final FSDataInputStream in;
  private final ReadPool pool;
  private final MessageDigest digest = Sha256.begin();
  private final byte[] passed = new byte[BUFFER_BYTES];

  /** The position up to which all is hashed; the stream is never beyond it. */
  private long hashed;

  HashingStream(FSDataInputStream in, ReadPool pool) {
    this.in = in;
    this.pool = pool;
  }

  @Override
  public void seek(long desired) throws IOException {
    if (desired <= hashed) {
      in.seek(desired);
      return;
    }
    in.seek(hashed);
    int read = 0;
    while (hashed < desired && read >= 0) {
      read = read(passed, 0, (int) Math.min(passed.length, desired - hashed));
    }
  }

  @Override
  public long getPos() throws IOException {
    return in.getPos();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    long at = in.getPos();
    int read = in.read(bytes, offset, length);
    if (at + read > hashed) {
      int known = (int) (hashed - at);
      digest.update(bytes, offset + known, read - known);
      pool.read(read - known);
      hashed = at + read;
    }
    return read;
  }

  /** Reads to the end and closes the file; how long it is, and its hash. */
  Receipt.StoredFile finish(Path path) throws IOException {
    try (in) {
      seek(hashed);
      int read = 0;
      while (read >= 0) {
        read = read(passed, 0, passed.length);
      }
    }
    return new Receipt.StoredFile(
        path.toString(), hashed, HexFormat.of().formatHex(digest.digest()));
  }

  @Override
  public void close() {}
}
