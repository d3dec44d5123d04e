package dev.sluice.tool.training;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes a champion so that every reader of the file finds the old one or the new one, whole. */
public final class ChampionFile {

  private ChampionFile() {}

  /**
   * Writes the bytes to a file next to {@code file}, forces them to the disk and renames it. The
   * file is new and its name can't be guessed, so that no link placed there is written through.
   *
   * @throws IOException if the file can't be written; {@code file} is then as it was
   */
  public static void write(Path file, byte[] bytes) throws IOException {
    Path target = file.toAbsolutePath();
    Path part =
        target.resolveSibling("%s.%s.part".formatted(target.getFileName(), UUID.randomUUID()));
    Files.createDirectories(target.resolveSibling("").toAbsolutePath());
    try {
      try (FileChannel channel =
          FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
        channel.force(true);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
