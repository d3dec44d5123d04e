package dev.sluice.job;

import dev.sluice.model.Champion;
import dev.sluice.model.ChampionException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.UUID;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the file of every promoted model under its SHA-256, where checkpoints are kept: a restore
 * from a snapshot from before the promotion carries the command out again, and the file that it
 * names may be deleted by then. Nothing deletes these files; one is needed as long as a snapshot
 * from before its promotion may be restored.
 *
 * @param directory of the files; empty for a job without a checkpoint directory, which keeps none
 */
record ModelStore(String directory) implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(ModelStore.class);

  /** The store of a job whose checkpoints are kept in a directory, which may be empty. */
  static ModelStore nextTo(String checkpoints) {
    return new ModelStore(
        checkpoints.isEmpty() ? "" : new Path(checkpoints, "sluice-models").toString());
  }

  /** Whether it keeps anything. */
  boolean keeps() {
    return !directory.isEmpty();
  }

  /**
   * The file's bytes, null if it is not there or is not what its name says.
   *
   * @throws IOException if that can't be found out
   */
  byte @Nullable [] find(String sha256) throws IOException {
    if (!keeps()) {
      return null;
    }
    try {
      byte[] model = ModelFile.read(file(sha256).toString());
      if (Champion.sha256(model).equals(sha256)) {
        return model;
      }
      LOG.warn("{} is not the model that its name says; it is not used", file(sha256));
      return null;
    } catch (FileNotFoundException e) {
      return null;
    } catch (ChampionException e) {
      LOG.warn("{} is no model: {}", file(sha256), e.getMessage());
      return null;
    } catch (IOException | RuntimeException e) { // file systems differ in what they throw
      throw new IOException("%s can't be read: %s".formatted(file(sha256), e), e);
    }
  }

  /**
   * Keeps a file. Several tasks may keep the same one at a time: whichever is last, it is the same.
   *
   * @throws IOException if it can't be written
   */
  void keep(String sha256, byte[] model) throws IOException {
    if (!keeps() || find(sha256) != null) {
      return;
    }
    Path file = file(sha256);
    FileSystem files = file.getFileSystem();
    Path unfinished = new Path(directory, "." + sha256 + "." + UUID.randomUUID());
    files.mkdirs(new Path(directory));
    try (OutputStream out = files.create(unfinished, WriteMode.NO_OVERWRITE)) {
      out.write(model);
    }
    try {
      files.delete(file, false); // a corrupt one, or none: some file systems rename over nothing
      if (!files.rename(unfinished, file) && find(sha256) == null) {
        throw new IOException("%s can't be renamed to %s".formatted(unfinished, file));
      }
    } catch (IOException e) {
      if (find(sha256) == null) {
        throw e;
      }
    } finally {
      files.delete(unfinished, false);
    }
  }

  private Path file(String sha256) {
    return new Path(directory, sha256 + ".tribuo");
  }
}
