package dev.sluice.tool.stop;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Writes a stop's events to a file, a JSON object a line, each line whole and handed to the
 * operating system before the stop continues. Lines of earlier stops stay. What can't be written is
 * reported once and does not end the stop. Any thread may call it.
 */
public final class Trail implements StopListener, Closeable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final PrintWriter err;
  private final OutputStream out;
  private boolean reported;

  private Trail(Path file, PrintWriter err, OutputStream out) {
    this.file = file;
    this.err = err;
    this.out = out;
  }

  /**
   * Opens the file at its end; makes it, readable by its owner alone, if it is not there.
   *
   * @param err where a failure is reported
   * @throws IOException if it can't be opened
   */
  public static Trail open(Path file, PrintWriter err) throws IOException {
    Path absolute = file.toAbsolutePath();
    Files.createDirectories(absolute.getParent());
    create(absolute);
    OutputStream out =
        Channels.newOutputStream(
            FileChannel.open(absolute, StandardOpenOption.WRITE, StandardOpenOption.APPEND));
    return new Trail(absolute, err, out);
  }

  private static void create(Path file) throws IOException {
    try {
      if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      } else {
        Files.createFile(file);
      }
    } catch (FileAlreadyExistsException e) {
      return; // its lines stay, and so do the permissions that it was given
    }
  }

  @Override
  public synchronized void on(StopEvent event) {
    try {
      String line = JSON.writeValueAsString(EventFields.of(event)) + "\n";
      out.write(line.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      report(e);
    }
  }

  private void report(IOException e) {
    if (!reported) {
      reported = true;
      err.printf("the trail %s misses events, the stop continues: %s%n", file, e.getMessage());
      err.flush();
    }
  }

  @Override
  public synchronized void close() {
    try {
      out.close();
    } catch (IOException e) {
      report(e);
    }
  }
}
