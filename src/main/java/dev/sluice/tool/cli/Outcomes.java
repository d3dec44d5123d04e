package dev.sluice.tool.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.StopResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Prints how a stop ended. */
final class Outcomes {

  private static final ObjectMapper JSON = new ObjectMapper();

  private Outcomes() {}

  /**
   * Waits for it. How far a stop came that broke off is not known, so it is never reported as one
   * that changed nothing.
   *
   * @param err where such an error is shown in full
   */
  static StopResult await(CompletableFuture<StopResult> outcome, PrintWriter err)
      throws InterruptedException {
    try {
      return outcome.get();
    } catch (ExecutionException bug) {
      bug.printStackTrace(err);
      err.flush();
      Throwable cause = bug.getCause() == null ? bug : bug.getCause();
      return StopResult.brokenOff(cause, "the same command continues this stop");
    }
  }

  static void print(StopResult outcome, OutputForm output, PrintWriter out, Connection connection)
      throws IOException {
    Path file = outcome.receiptFile();
    Receipt receipt = outcome.receipt();
    if (output.isJson()) {
      output.print(out, json(outcome, file, receipt));
      return;
    }
    out.println(outcome.text() + ".");
    boolean written = file != null && Files.exists(file);
    if (receipt != null) {
      print(receipt, written, out, connection);
    }
    if (written) {
      out.println("Receipt   " + file);
    }
    out.flush();
  }

  static Map<String, Object> json(
      StopResult outcome, @Nullable Path file, @Nullable Receipt receipt) throws IOException {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("exitCode", outcome.exitCode());
    all.put("text", outcome.text());
    OutputForm.putCodes(all, outcome.text());
    if (file != null && Files.exists(file)) {
      all.put("receiptFile", file.toString());
    }
    if (receipt != null) {
      all.put("receipt", JSON.readTree(ReceiptFile.bytes(receipt)));
    }
    return all;
  }

  private static void print(
      Receipt receipt, boolean written, PrintWriter out, Connection connection) {
    Receipt.Models models = receipt.models();
    if (models != null) {
      out.printf(
          "Saved     %,d models, %,d outcomes learned, %,d predictions that wait for their outcome%n",
          models.keys(), models.updates(), models.pendingObservations());
    }
    if (!receipt.sourceOffsets().isEmpty()) {
      out.println("Read to   " + receipt.sourceOffsets());
    }
    for (String warning : receipt.warnings()) {
      out.println("Note      " + warning);
    }
    Receipt.Resume resume = receipt.resume();
    Receipt.Snapshot snapshot = receipt.snapshot();
    if (resume != null && written) {
      out.println("Resume    " + resume.command());
      if (resume.command().contains(" --settings ")
          || resume.command().contains(" --kafka-properties ")) {
        out.println(
            "          with the settings of a user that may resume, where these are of one that may only stop");
      }
    } else if (resume != null && snapshot != null) {
      out.println(
          "Resume    " + connection.resume(snapshot.uri(), null)); // there is no receipt to name
    }
  }
}
