package dev.sluice.state;

import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Stand-ins for a later release: its formats have one field more, behind what today's have, and it
 * still reads those.
 */
final class LaterVersion {

  private static final int MODELS_TODAY = 4;
  private static final int PENDINGS_TODAY = 3;
  private static final long NEW_FIELD = 0x5EED;

  private LaterVersion() {}

  private static void requireNewField(DataInputView in) throws IOException {
    long found = in.readLong();
    if (found != NEW_FIELD) {
      throw new IOException("the new field is (" + found + ")");
    }
  }

  static final class Models extends VersionedSerializer<ModelState> {

    private final ModelStateSerializer today = new ModelStateSerializer();

    Models() {
      super(ModelState.class, MODELS_TODAY + 1);
    }

    @Override
    void write(ModelState state, DataOutputView out) throws IOException {
      out.writeByte(today.versionOf(state));
      today.write(state, out);
      out.writeLong(NEW_FIELD);
    }

    @Override
    ModelState read(int version, DataInputView in) throws IOException {
      if (version <= MODELS_TODAY) {
        return today.read(version, in);
      }
      ModelState state = today.read(in.readByte(), in);
      requireNewField(in);
      return state;
    }

    @Override
    public ModelState copy(ModelState from) {
      return today.copy(from);
    }

    @Override
    public boolean isImmutableType() {
      return false;
    }

    @Override
    public TypeSerializer<ModelState> duplicate() {
      return new Models();
    }

    @Override
    public ModelState createInstance() {
      return today.createInstance();
    }

    @Override
    public TypeSerializerSnapshot<ModelState> snapshotConfiguration() {
      return new ModelsSnapshot();
    }
  }

  static final class Pendings extends VersionedSerializer<Pending> {

    private final PendingSerializer today = new PendingSerializer();

    Pendings() {
      super(Pending.class, PENDINGS_TODAY + 1);
    }

    @Override
    void write(Pending pending, DataOutputView out) throws IOException {
      today.write(pending, out);
      out.writeLong(NEW_FIELD);
    }

    @Override
    Pending read(int version, DataInputView in) throws IOException {
      Pending pending = today.read(Math.min(version, PENDINGS_TODAY), in);
      if (version > PENDINGS_TODAY) {
        requireNewField(in);
      }
      return pending;
    }

    @Override
    public TypeSerializer<Pending> duplicate() {
      return new Pendings();
    }

    @Override
    public Pending createInstance() {
      return today.createInstance();
    }

    @Override
    public TypeSerializerSnapshot<Pending> snapshotConfiguration() {
      return new PendingsSnapshot();
    }
  }

  /** What a savepoint of the later release remembers. */
  public static final class ModelsSnapshot extends VersionedSnapshot<ModelState> {

    /** Made by Flink, by name. */
    public ModelsSnapshot() {
      super(new Models());
    }
  }

  /** What a savepoint of the later release remembers. */
  public static final class PendingsSnapshot extends VersionedSnapshot<Pending> {

    /** Made by Flink, by name. */
    public PendingsSnapshot() {
      super(new Pendings());
    }
  }
}
