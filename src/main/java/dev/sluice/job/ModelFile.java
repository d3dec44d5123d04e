package dev.sluice.job;

import dev.sluice.model.ChampionException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/** A model's file on any file system that Flink can read. */
final class ModelFile {

  /** Bytes; a champion lives in every task's memory and in every snapshot. */
  static final long MAX_SIZE = 256L << 20;

  private ModelFile() {}

  /** Reads a file that was taken before, whatever the current tasks could take. */
  static byte[] read(String uri) throws IOException {
    return read(uri, List.of());
  }

  /**
   * Reads a whole file. A device or a pipe, which might never end, has no length and is not opened.
   *
   * @param limits of those who will hold it
   * @throws FileNotFoundException if there is none
   * @throws IOException if it can't be read; the message says why
   * @throws ChampionException if no model is this long, or none that fits here
   */
  static byte[] read(String uri, Collection<ModelLimit> limits) throws IOException {
    Path path;
    try {
      URI address = URI.create(uri);
      if (address.isOpaque()) {
        throw new IOException("it has no path behind its scheme; begin with file:/// or alike");
      }
      path = new Path(address);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
    FileSystem files = path.getFileSystem();
    FileStatus status = files.getFileStatus(path);
    long size = status.getLen();
    if (status.isDir()) {
      throw new IOException("it is a directory");
    }
    if (size == 0) {
      throw new ChampionException("it is empty");
    }
    if (size > MAX_SIZE) {
      throw new ChampionException(
          "it is %s bytes long, at most %s are taken".formatted(size, MAX_SIZE));
    }
    limits.forEach(limit -> limit.check(size));
    try (FSDataInputStream in = files.open(path)) {
      return in.readNBytes((int) size);
    }
  }
}
