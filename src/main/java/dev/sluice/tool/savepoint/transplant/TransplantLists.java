package dev.sluice.tool.savepoint.transplant;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RunnableFuture;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.DefaultOperatorStateBackendBuilder;
import org.apache.flink.runtime.state.OperatorStateBackend;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.util.function.ThrowingConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts one subtask's list states together from several files. A savepoint's metadata holds one file
 * of them a subtask, so Flink's own backend reads them all and writes them as one.
 */
final class TransplantLists {

  private final CheckpointStreamFactory files;

  /**
   * @param files where the new file goes
   */
  TransplantLists(CheckpointStreamFactory files) {
    this.files = files;
  }

  /**
   * Writes what several files hold.
   *
   * @param parts no state is in two of them
   * @param last what else is to be put in, or out
   * @return null if there is nothing to be written
   */
  @Nullable OperatorStateHandle write(
      List<OperatorStateHandle> parts,
      long checkpointId,
      ThrowingConsumer<OperatorStateBackend, Exception> last)
      throws IOException {
    try (CloseableRegistry open = new CloseableRegistry()) {
      OperatorStateBackend backend =
          new DefaultOperatorStateBackendBuilder(
                  TransplantLists.class.getClassLoader(), new ExecutionConfig(), false, parts, open)
              .build();
      try {
        last.accept(backend);
        RunnableFuture<SnapshotResult<OperatorStateHandle>> written =
            backend.snapshot(
                checkpointId, 0, files, CheckpointOptions.forCheckpointWithDefaultLocation());
        written.run();
        return written.get().getJobManagerOwnedSnapshot();
      } finally {
        backend.dispose();
      }
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while operator state was written", e);
    } catch (ExecutionException e) {
      throw new IOException("operator state can't be written: " + e.getCause(), e);
    } catch (Exception e) {
      throw new IOException("operator state can't be written: " + e, e);
    }
  }
}
