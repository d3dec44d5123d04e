package dev.sluice.tool.receipt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Files that only their owner can read, and a group that was named, that are there whole or not at
 * all, and that stay.
 */
public final class PrivateFiles {

  private static final FileAttribute<?> FOR_OWNER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> DIRECTORY_FOR_OWNER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final Set<PosixFilePermission> FOR_GROUP = Set.of(PosixFilePermission.GROUP_READ);
  private static final Set<PosixFilePermission> DIRECTORY_FOR_GROUP =
      Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_EXECUTE);

  private PrivateFiles() {}

  /** Makes a directory and those above it, if they are not there. */
  public static void directory(Path directory) throws IOException {
    try {
      Files.createDirectories(directory, DIRECTORY_FOR_OWNER);
    } catch (IOException e) {
      throw new IOException(
          "the directory %s can't be made or used: %s".formatted(directory, e), e);
    }
  }

  /** Puts bytes in place of a file, or makes it, for its owner alone. */
  public static void write(Path file, byte[] bytes) throws IOException {
    write(file, bytes, null);
  }

  /**
   * Puts bytes in place of a file, or makes it.
   *
   * @param group that may read it, too; null for none
   */
  static void write(Path file, byte[] bytes, @Nullable GroupPrincipal group) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    Path unfinished = Files.createTempFile(directory, "." + file.getFileName(), ".tmp", FOR_OWNER);
    try {
      try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
          channel.write(left);
        }
        channel.force(true);
      }
      if (group != null) {
        give(unfinished, group, FOR_GROUP);
      }
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
    try (FileChannel names = FileChannel.open(directory)) {
      names.force(true);
    }
  }

  private static void give(Path path, GroupPrincipal group, Set<PosixFilePermission> more)
      throws IOException {
    PosixFileAttributeView view = view(path);
    view.setGroup(group);
    Set<PosixFilePermission> all = new HashSet<>(view.readAttributes().permissions());
    all.addAll(more);
    view.setPermissions(all);
  }

  private static PosixFileAttributeView view(Path path) {
    return Files.getFileAttributeView(path, PosixFileAttributeView.class);
  }

  /** The group that may read a file; null if none may, or there is no such file. */
  static @Nullable GroupPrincipal readers(Path file) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    PosixFileAttributes now = view(file).readAttributes();
    return now.permissions().containsAll(FOR_GROUP) ? now.group() : null;
  }

  /** Gives a group access to a directory, unless it has access. */
  static void share(Path directory, GroupPrincipal group) throws IOException {
    if (!isOpenTo(directory, group)) {
      give(directory, group, DIRECTORY_FOR_GROUP);
    }
  }

  private static boolean isOpenTo(Path directory, GroupPrincipal group) throws IOException {
    PosixFileAttributes now = view(directory).readAttributes();
    return now.permissions().contains(PosixFilePermission.OTHERS_EXECUTE)
        || (now.group().equals(group) && now.permissions().containsAll(DIRECTORY_FOR_GROUP));
  }

  /**
   * Checks whether files of a directory could be given to a group, before anything depends on it.
   *
   * @throws IOException if they could not, with the reason
   */
  public static void requireShareable(Path directory, String group) throws IOException {
    GroupPrincipal principal = group(directory, group);
    directory(directory);
    Path tried = Files.createTempFile(directory, ".receipt-group", ".tmp", FOR_OWNER);
    try {
      give(tried, principal, FOR_GROUP);
      if (!isOpenTo(directory, principal)
          && !Files.getOwner(directory).equals(Files.getOwner(tried))) {
        throw new IOException(
            "the group may not enter %s, and that is for its owner (%s) to change"
                .formatted(directory, Files.getOwner(directory)));
      }
    } catch (FileSystemException e) {
      throw new IOException(
          "this user may not give files to it, as who is no member (%s)".formatted(e.getReason()),
          e);
    } finally {
      Files.delete(tried);
    }
  }

  static GroupPrincipal group(Path file, String name) throws IOException {
    try {
      return file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
    } catch (UserPrincipalNotFoundException e) {
      throw new IOException("this machine knows no such group", e);
    }
  }
}
