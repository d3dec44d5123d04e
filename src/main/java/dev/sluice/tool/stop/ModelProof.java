package dev.sluice.tool.stop;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.savepoint.BadSnapshotException;
import dev.sluice.tool.savepoint.ModelCheck;
import dev.sluice.tool.savepoint.UnreadModelsException;
import dev.sluice.tool.savepoint.WholeRead;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is proved of a snapshot's models.
 *
 * @param judged every model; null if they were not read
 * @param problems of models that are not sound, or why they can't be read here
 */
record ModelProof(@Nullable ModelCheck judged, List<Problem> problems) {

  static final ModelProof NONE = new ModelProof(null, List.of());

  /**
   * Of a read; of a snapshot that lacks a file nothing is said.
   *
   * @throws IOException why the models were not read, where reading again may find more
   */
  static ModelProof of(WholeRead.Result read, FileProof files) throws IOException {
    if (!files.problems().isEmpty()) {
      return NONE;
    }
    try {
      ModelCheck judged = read.models();
      return new ModelProof(judged, problems(Problem.Code.UNSOUND, judged.problems()));
    } catch (UnreadModelsException e) {
      String unproved =
          "%s. Proved is that its %s files, %,d bytes, are all there; not proved is that its models are sound"
              .formatted(e.getMessage(), files.files().size(), files.bytes());
      return new ModelProof(null, problems(Problem.Code.UNDECIDED, List.of(unproved)));
    } catch (BadSnapshotException e) {
      return new ModelProof(
          null, problems(Problem.Code.INCOMPLETE, List.of(String.valueOf(e.getMessage()))));
    }
  }

  private static List<Problem> problems(Problem.Code code, List<String> texts) {
    return texts.stream().map(text -> new Problem(code, text)).toList();
  }

  /** Null if they were not read. */
  Receipt.@Nullable Models totals() {
    return judged == null ? null : judged.totals();
  }
}
