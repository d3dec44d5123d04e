package dev.sluice.tool.savepoint;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Function;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.MapSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.CompositeKeySerializationUtils;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.SnappyStreamCompressionDecorator;
import org.apache.flink.runtime.state.StreamCompressionDecorator;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.UncompressedStreamCompressionDecorator;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot.BackendStateType;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot.CommonSerializerKeys;
import org.jspecify.annotations.Nullable;

/**
 * Streams keyed state out of what the heap backend writes in its own format, as its {@code
 * HeapSnapshotStrategy} does: of each key group state after state, of each state namespace, key and
 * value, a map as a whole. Holds one entry at a time.
 */
final class HeapEntries implements EntrySource {

  private final String uri;
  private final List<KeyGroupsStateHandle> files;
  private final Function<StreamStateHandle, BufferedHandle> opening;
  private final int prefixBytes;

  /**
   * @param uri of the snapshot, for messages
   * @param keyGroups of the operator
   * @param opening what each of the files is read through
   */
  HeapEntries(
      String uri,
      int keyGroups,
      List<KeyGroupsStateHandle> files,
      Function<StreamStateHandle, BufferedHandle> opening) {
    this.uri = uri;
    this.files = files;
    this.opening = opening;
    this.prefixBytes =
        CompositeKeySerializationUtils.computeRequiredBytesInKeyGroupPrefix(keyGroups);
  }

  @Override
  public void each(KeyGroupRange range, KeyedEntries.Visitor visitor) throws IOException {
    for (KeyGroupsStateHandle file : files) {
      KeyGroupsStateHandle part = file.getIntersection(range);
      if (part == null) {
        continue;
      }
      SavedObjects.reading(
          () -> {
            new Entries(file, part, visitor).read();
            return true;
          });
    }
  }

  /** The entries of one file. */
  private final class Entries {

    private final KeyGroupsStateHandle whole;
    private final KeyGroupsStateHandle file;
    private final KeyedEntries.Visitor visitor;
    private final DataOutputSerializer namespace = new DataOutputSerializer(8);
    private final DataOutputSerializer key = new DataOutputSerializer(128);
    private final DataOutputSerializer value = new DataOutputSerializer(4096);

    /**
     * @param whole the file
     * @param file the key groups of it that are wanted
     */
    Entries(KeyGroupsStateHandle whole, KeyGroupsStateHandle file, KeyedEntries.Visitor visitor) {
      this.whole = whole;
      this.file = file;
      this.visitor = visitor;
    }

    /** Whatever is thrown here, but for what the visitor throws, is about the file. */
    private void read() throws IOException {
      try (FSDataInputStream stream =
          opening.apply(file.getDelegateStateHandle()).openInputStream()) {
        DataInputView in = new DataInputViewStreamWrapper(stream);
        KeyedMeta meta = KeyedMeta.read(in);
        List<Stored> states = meta.states().stream().map(Stored::of).toList();
        StreamCompressionDecorator compression =
            meta.compressed()
                ? SnappyStreamCompressionDecorator.INSTANCE
                : UncompressedStreamCompressionDecorator.INSTANCE;
        for (Tuple2<Integer, Long> group : file.getGroupRangeOffsets()) {
          stream.seek(group.f1);
          int written = in.readInt();
          if (written != group.f0) {
            throw new IOException(
                "key group %s is where %s should be".formatted(written, group.f0));
          }
          try (InputStream entries = compression.decorateWithCompression(stream)) {
            group(new DataInputViewStreamWrapper(entries), group.f0, states);
            requireEnd(group, stream, entries, meta.compressed());
          }
          endOfKeyGroup();
        }
      } catch (VisitorException e) {
        throw Stores.failure(e.getCause());
      } catch (IOException
          | RuntimeException
          | OutOfMemoryError // a corrupt length may be huge
          | StackOverflowError e) {
        throw BadSnapshotException.unlessUnread(uri, file, e);
      }
    }

    /** Nothing else would notice a number of entries that is too small. */
    private void requireEnd(
        Tuple2<Integer, Long> group,
        FSDataInputStream stream,
        InputStream entries,
        boolean compressed)
        throws IOException {
      long end = whole.getStateSize();
      for (Tuple2<Integer, Long> other : whole.getGroupRangeOffsets()) {
        end = other.f1 > group.f1 ? Math.min(end, other.f1) : end;
      }
      if (stream.getPos() != end || (compressed && entries.available() > 0)) {
        throw new IOException(
            "key group %s holds more entries than it declares".formatted(group.f0));
      }
    }

    private void group(DataInputView in, int keyGroup, List<Stored> states) throws IOException {
      for (int i = 0; i < states.size(); i++) {
        Stored state = states.get(in.readShort());
        int entries = number(in);
        for (int j = 0; j < entries; j++) {
          entry(in, keyGroup, state);
        }
      }
    }

    private void entry(DataInputView in, int keyGroup, Stored state) throws IOException {
      value.clear();
      TypeSerializer<?> namespaces = state.namespaces();
      if (namespaces == null) { // a timer, which is no entry
        state.values().copy(in, value);
        return;
      }
      namespace.clear();
      key.clear();
      namespaces.copy(in, namespace);
      for (int shift = Byte.SIZE * (prefixBytes - 1); shift >= 0; shift -= Byte.SIZE) {
        key.writeByte(keyGroup >>> shift);
      }
      StringSerializer.INSTANCE.copy(in, key);
      key.write(namespace.getSharedBuffer(), 0, namespace.length());
      if (state.values() instanceof MapSerializer<?, ?> map) {
        eachOfMap(in, state.name(), map);
      } else {
        state.values().copy(in, value);
        show(state.name());
      }
    }

    /** As the other backends store a map: an entry for each of its entries. */
    private void eachOfMap(DataInputView in, String state, MapSerializer<?, ?> map)
        throws IOException {
      int prefix = key.length();
      int size = number(in);
      for (int i = 0; i < size; i++) {
        key.setPosition(prefix);
        map.getKeySerializer().copy(in, key);
        value.clear();
        boolean isNull = in.readBoolean();
        value.writeBoolean(isNull);
        if (!isNull) {
          map.getValueSerializer().copy(in, value);
        }
        show(state);
      }
    }

    private static int number(DataInputView in) throws IOException {
      int number = in.readInt();
      if (number < 0) {
        throw new IOException("a number of entries is %s".formatted(number));
      }
      return number;
    }

    private void endOfKeyGroup() throws VisitorException {
      try {
        visitor.endOfKeyGroup();
      } catch (IOException | RuntimeException | Error e) {
        throw new VisitorException(e);
      }
    }

    private void show(String state) throws VisitorException {
      byte[] composite = key.getCopyOfBuffer();
      byte[] stored = value.getCopyOfBuffer();
      try {
        visitor.entry(state, composite, stored);
      } catch (IOException | RuntimeException | Error e) {
        throw new VisitorException(e);
      }
    }
  }

  /** What a visitor has thrown: it is not about the file. */
  private static final class VisitorException extends IOException {

    private static final long serialVersionUID = 1L;

    VisitorException(Throwable cause) {
      super(cause);
    }
  }

  /**
   * How one state is stored.
   *
   * @param namespaces null of timers, which are stored without
   */
  private record Stored(
      String name, @Nullable TypeSerializer<?> namespaces, TypeSerializer<?> values) {

    static Stored of(StateMetaInfoSnapshot state) {
      return new Stored(
          state.getName(),
          state.getBackendStateType() == BackendStateType.KEY_VALUE
              ? serializer(state, CommonSerializerKeys.NAMESPACE_SERIALIZER)
              : null,
          serializer(state, CommonSerializerKeys.VALUE_SERIALIZER));
    }

    private static TypeSerializer<?> serializer(
        StateMetaInfoSnapshot state, CommonSerializerKeys which) {
      TypeSerializerSnapshot<?> stored = state.getTypeSerializerSnapshot(which);
      if (stored == null) {
        throw new IllegalArgumentException(
            "the state %s has no %s".formatted(state.getName(), which));
      }
      return stored.restoreSerializer();
    }
  }
}
