package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.state.PlainPath;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.checkpoint.metadata.MetadataV5Serializer;
import org.apache.flink.runtime.checkpoint.metadata.MetadataV6Serializer;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle.StateMetaInfo;
import org.apache.flink.runtime.state.SnappyStreamCompressionDecorator;
import org.apache.flink.shaded.guava33.com.google.common.hash.Hashing;

/**
 * Reads list states of bytes out of a snapshot, before the job is submitted, without making any
 * Java object that the snapshot describes: in {@code flink run} and in a JobManager no filter may
 * be set for them, and a crafted one could run code or never end. So it stops before the metadata's
 * one object, what the snapshot was taken for, and passes over the serializers that a state's file
 * begins with: {@code byte[]} is always a length and the bytes.
 */
final class StoredLists {

  private static final String METADATA = "_metadata";

  /** Since this version a state's file says whether it is compressed. */
  private static final int TELLS_COMPRESSION = 6;

  /** All that a state may hold; some thousand input partitions are some hundred KiB. */
  private static final int MOST_BYTES = 16 << 20;

  private final CheckpointMetadata metadata;

  private StoredLists(CheckpointMetadata metadata) {
    this.metadata = metadata;
  }

  /** Without what comes behind: the object. */
  private static final class Version5 extends MetadataV5Serializer {
    CheckpointMetadata read(DataInputStream in, String pointer) throws IOException {
      return deserializeMetadata(in, pointer);
    }
  }

  /** As Flink 2.2 writes it, without the object behind. */
  private static final class Version6 extends MetadataV6Serializer {
    CheckpointMetadata read(DataInputStream in, String pointer) throws IOException {
      return deserializeMetadata(in, pointer);
    }
  }

  /**
   * Opens a snapshot.
   *
   * @param snapshot as {@code flink run -s} takes it
   * @throws IOException if it can't be read from here
   */
  static StoredLists open(Path snapshot) throws IOException {
    FileSystem files = snapshot.getFileSystem();
    Path file = files.getFileStatus(snapshot).isDir() ? new Path(snapshot, METADATA) : snapshot;
    requirePlain(file);
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(files.open(file)))) {
      return new StoredLists(metadata(in, file.getParent().toString()));
    }
  }

  private static CheckpointMetadata metadata(DataInputStream in, String pointer)
      throws IOException {
    int magic = in.readInt();
    int version = in.readInt();
    if (magic != Checkpoints.HEADER_MAGIC_NUMBER) {
      throw new IOException("it is no snapshot's metadata");
    }
    return switch (version) {
      case MetadataV5Serializer.VERSION -> new Version5().read(in, pointer);
      case MetadataV6Serializer.VERSION -> new Version6().read(in, pointer);
      default -> throw new IOException("its metadata is of version " + version);
    };
  }

  /** What all subtasks of an operator stored under a name. */
  List<byte[]> read(String uid, String name) throws IOException {
    OperatorID id = new OperatorID(Hashing.murmur3_128(0).hashString(uid, UTF_8).asBytes());
    List<byte[]> all = new ArrayList<>();
    for (OperatorState operator : metadata.getOperatorStates()) {
      if (operator.getOperatorID().equals(id)) {
        for (OperatorSubtaskState subtask : operator.getStates()) {
          for (OperatorStateHandle handle : subtask.getManagedOperatorState()) {
            read(handle, name, all);
          }
        }
      }
    }
    return all;
  }

  /** What one subtask stored under a name. */
  static void read(OperatorStateHandle handle, String name, List<byte[]> into) throws IOException {
    StateMetaInfo wanted = handle.getStateNameToPartitionOffsets().get(name);
    if (wanted == null || wanted.getOffsets().length == 0) {
      return;
    }
    Path file = handle.getDelegateStateHandle().maybeGetPath().orElse(null);
    if (file != null) {
      requirePlain(file);
    }
    try (FSDataInputStream in = handle.getDelegateStateHandle().openInputStream()) {
      DataInputStream head = new DataInputStream(in);
      boolean compressed = head.readInt() >= TELLS_COMPRESSION && head.readBoolean();
      long left = MOST_BYTES;
      for (long offset : wanted.getOffsets()) {
        in.seek(offset);
        byte[] one = bytes(new DataInputStream(compressed ? uncompressed(in) : in), left);
        left -= one.length + Integer.BYTES;
        into.add(one);
      }
    }
  }

  private static byte[] bytes(DataInputStream in, long most) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > most) {
      throw new IOException("a state's length is (%,d)".formatted(length));
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return bytes;
  }

  /** From one of the offsets: a block begins there, but the stream's beginning is elsewhere. */
  private static InputStream uncompressed(InputStream at) throws IOException {
    ByteArrayOutputStream beginning = new ByteArrayOutputStream();
    try (OutputStream out =
        SnappyStreamCompressionDecorator.INSTANCE.decorateWithCompression(beginning)) {
      out.flush();
    }
    return SnappyStreamCompressionDecorator.INSTANCE.decorateWithCompression(
        new SequenceInputStream(new ByteArrayInputStream(beginning.toByteArray()), at));
  }

  private static void requirePlain(Path path) throws IOException {
    if (!PlainPath.mayBeOpened(path)) {
      throw new IOException("%s is a directory, a pipe or a device".formatted(path));
    }
  }
}
