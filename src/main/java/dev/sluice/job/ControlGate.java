package dev.sluice.job;

import dev.sluice.event.Command;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.DecodedCommand;
import dev.sluice.model.Champion;
import dev.sluice.model.ChampionException;
import dev.sluice.model.ModelSettings;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.streaming.api.operators.StreamingRuntimeContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads the file that a promotion names, once for the whole job, and checks it as the first
 * champion is checked: a writer of the control topic must not be able to stop the job or to run
 * code in it. A valid file goes to every task as bytes, so that all get the same and no snapshot
 * needs the file.
 *
 * <p>Has no state: whether a command is carried out is decided by the tasks that hold the models.
 * One instance, on one task's thread.
 */
final class ControlGate extends RichMapFunction<ControlRecord, ControlRecord> {

  private static final long serialVersionUID = 1L;

  private final ModelSettings settings;
  private final ModelStore store;

  /** What the tasks can hold: all of them, because all TaskManagers have the same size. */
  private List<ModelLimit> limits = List.of();

  /**
   * @param settings what a model must fit
   * @param store keeps the valid files
   */
  ControlGate(ModelSettings settings, ModelStore store) {
    this.settings = settings;
    this.store = store;
  }

  @Override
  public void setRuntimeContext(RuntimeContext context) {
    super.setRuntimeContext(context);
    if (context instanceof StreamingRuntimeContext task) {
      limits = List.of(ModelLimit.here(task.getTaskManagerRuntimeInfo().getConfiguration()));
    }
  }

  @Override
  public ControlRecord map(ControlRecord record) {
    if (!(record.decoded() instanceof DecodedCommand.Valid valid
        && valid.command() instanceof Command.Promote promote)) {
      return record;
    }
    try {
      return record.with(checked(promote));
    } catch (ChampionException e) {
      return record.refused(about(promote, e.getMessage()));
    }
  }

  /**
   * A record with the model that it had before, for a replay: the one kept then, or none if it is
   * not known whether the command was accepted.
   *
   * @param accepted whether the committed answer says that it was carried out
   * @throws IOException if that can't be found out at the moment; another attempt may
   */
  ControlRecord again(ControlRecord record, boolean accepted) throws IOException {
    if (!(record.decoded() instanceof DecodedCommand.Valid valid
        && valid.command() instanceof Command.Promote promote)) {
      return record;
    }
    byte[] kept = store.find(promote.sha256());
    if (kept != null) {
      return record.with(kept);
    }
    if (!accepted && store.keeps()) {
      return record.refused(about(promote, "it was not kept"));
    }
    try {
      return record.with(checked(promote));
    } catch (ChampionException e) {
      if (e.getCause() != null && !(e.getCause() instanceof FileNotFoundException)) {
        throw new IOException(about(promote, e.getMessage()), e);
      }
      return record.refused(about(promote, e.getMessage()));
    }
  }

  private byte[] checked(Command.Promote promote) {
    byte[] model = bytes(promote.uri());
    String found = Champion.sha256(model);
    if (!found.equals(promote.sha256())) {
      throw new ChampionException(
          "its sha256 is %s, not %s: it is another file, or was changed"
              .formatted(found, promote.sha256()));
    }
    try {
      Champion.read(model, promote.version(), settings);
    } catch (OutOfMemoryError | StackOverflowError e) {
      // The file claims more data than there is; failing on it would fail again after every
      // restart.
      throw new ChampionException("it can't be loaded in this memory: " + e, e);
    }
    keep(promote.sha256(), model);
    return model;
  }

  /** A file that can't be kept is not promoted: a replay would miss it. */
  private void keep(String sha256, byte[] model) {
    try {
      store.keep(sha256, model);
    } catch (IOException | RuntimeException e) { // file systems differ in what they throw
      throw new ChampionException(
          "it can't be kept in %s for a replay of this command: %s".formatted(store.directory(), e),
          e);
    }
  }

  private byte[] bytes(String uri) {
    if (!uri.contains(":/")) {
      throw new ChampionException(
          "it names no file system; begin with file:///, as the TaskManagers see it, or with"
              + " another scheme that Flink reads");
    }
    try {
      return ModelFile.read(uri, limits);
    } catch (FileNotFoundException e) {
      throw new ChampionException("there is no such file where the TaskManagers run", e);
    } catch (ChampionException e) {
      throw e;
    } catch (IOException e) {
      throw new ChampionException("it can't be read: " + e.getMessage(), e);
    } catch (RuntimeException | OutOfMemoryError e) {
      // File systems differ in what they throw; failing on it would fail again after every restart.
      throw new ChampionException("it can't be read: " + e, e);
    }
  }

  private static String about(Command.Promote promote, @Nullable String why) {
    return "the model (%s) is refused: %s".formatted(promote.uri(), why);
  }
}
