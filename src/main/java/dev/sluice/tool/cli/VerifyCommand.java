package dev.sluice.tool.cli;

import dev.sluice.settings.JobSettings;
import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.stop.AskedJobs;
import dev.sluice.tool.stop.KnownPlaces;
import dev.sluice.tool.stop.Reproof;
import dev.sluice.tool.stop.Verification;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Proves a snapshot again. */
@Command(
    name = "verify",
    header = "Proves a savepoint again: every file, every model, every transaction.",
    description = {
      "Reads it whole, compares it with the receipt next to it, and asks the brokers what became",
      "of its transactions, at the brokers that your settings or your journal name. What the stop has",
      "found wrong that can't be checked again counts too, as counters that went back, or a",
      "transaction that was aborted and that the brokers have forgotten since. A receipt whose proof",
      "had failed is proved again, and written in its place; its counters are compared with those of",
      "the stop before, whose receipt is searched for in the journal and in the receipt's directory."
    },
    exitCodeList = {
      "0:it may be trusted",
      "1:it is not there, or can't be read",
      "5:it must not be trusted",
      "7:nothing is known to be wrong, but this machine can't read all of it, or its stop is not proved",
      "10:the brokers do not answer: try again"
    },
    footer = "  sluice verify s3://savepoints/savepoint-1f2e3d-4c5b6a")
final class VerifyCommand extends ClusterVerb {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Mixin final Connection.SigningKey signing = new Connection.SigningKey();
  @Mixin final Connection.CheckingKey checking = new Connection.CheckingKey();

  @Parameters(
      paramLabel = "SAVEPOINT",
      arity = "0..1",
      description = "A snapshot's URI, or a receipt's file.")
  String snapshot = "";

  @Option(names = "--schema", description = "Print the JSON Schema of receipts instead.")
  boolean schema;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (schema) {
      out().print(ReceiptFile.schema());
      out().flush();
      return 0;
    }
    require(!snapshot.isEmpty(), "Missing required parameter: 'SAVEPOINT'");
    connection.signing = signing;
    connection.checking = checking;
    ReceiptKeys keys = connection.keys();
    Path file = file(snapshot);
    KnownPlaces known = connection.knownPlaces();
    Receipt named = file == null ? null : read(file, keys, known);
    require(
        named == null || !Reproof.isDue(named) || !keys.areGiven() || keys.canSign(),
        "the proof of %s is proved again, and written in its place: only --sign can sign that"
            .formatted(file));
    AuditProgress progress = AuditProgress.inLogsToo(err(), output.console);
    Verification.Result first =
        Verification.of(
            connection.services(),
            file == null || named == null ? snapshot : uri(named, file),
            named,
            keys,
            connection.additionalSettings(),
            known,
            (done, all) -> progress.at("bytes of the savepoint", done, all));
    progress.at("bytes of the savepoint", 1, 1);
    StopResult again = proveAgain(file, keys, known);
    Verification.Result found = again == null ? first : first.provedAgain(again);
    boolean good = found.isGood();
    boolean undecided = found.isUndecided();
    Map<String, Object> all = OutputForm.fields(found);
    all.put("good", good);
    all.put("undecided", undecided);
    all.put("proved", good && found.warnings().isEmpty());
    OutputForm.put(all, "receipt", again == null ? null : again.text());
    String signed = keys.areGiven() ? named != null ? "" + file : "the one next to it" : "";
    String verdict = verdict(good, undecided, found.warnings().size());
    ExitCode code = good ? ExitCode.DONE : undecided ? ExitCode.UNDECIDED : ExitCode.BAD;
    return print(code.number(), all, out -> print(found, again, signed, verdict, out));
  }

  /** For a receipt whose proof had failed; null if it is none. */
  private @Nullable StopResult proveAgain(@Nullable Path file, ReceiptKeys keys, KnownPlaces known)
      throws IOException, InterruptedException {
    Receipt receipt = file == null ? null : read(file, keys, known);
    if (file == null || receipt == null || !Reproof.isDue(receipt)) {
      return null;
    }
    return Reproof.of(
        connection.services(),
        file,
        receipt,
        connection.cluster.addresses(),
        connection.additionalSettings(),
        known,
        PATIENCE,
        keys,
        new StopPrinter(err(), output.console));
  }

  /** Without the resumptions that never were, if its proof may be due. */
  private Receipt read(Path file, ReceiptKeys keys, KnownPlaces known)
      throws IOException, InterruptedException {
    Receipt receipt = ReceiptFile.read(file, keys);
    if (receipt.outcome() != StopResult.Kind.UNPROVED || receipt.resumptions().isEmpty()) {
      return receipt;
    }
    return new AskedJobs(connection.services(), connection.cluster.addresses())
        .settled(
            receipt,
            () -> {
              Map<String, String> all =
                  new HashMap<>(known.brokerSettings(receipt, file.toString()));
              all.putAll(PublishedSettings.additions(connection.additionalSettings()));
              return JobSettings.of(all);
            });
  }

  private static @Nullable Path file(String given) {
    try {
      Path file = Path.of(given);
      return Files.isRegularFile(file) && !file.endsWith("_metadata") ? file : null;
    } catch (InvalidPathException aUri) {
      return null;
    }
  }

  /** A receipt is an argument for the snapshot that it names. */
  static String uri(Receipt receipt, Path file) throws IOException {
    Receipt.Snapshot named = receipt.snapshot();
    if (named == null) {
      throw new IOException(
          RefusalCode.RECEIPT_NO_SNAPSHOT.in("the receipt %s names no snapshot".formatted(file)));
    }
    return named.uri();
  }

  /** What was not checked is not proved. */
  static String verdict(boolean good, boolean undecided, int notes) {
    if (undecided) {
      return "Nothing that was checked speaks against it, but not all of it can be read or proved here: see the "
          + "problems.";
    } else if (!good) {
      return "It must not be trusted.";
    } else if (notes == 0) {
      return "It may be trusted.";
    }
    return notes == 1
        ? "Nothing that was checked speaks against it; the note says what is not proved."
        : "Nothing that was checked speaks against it; the %s notes say what is not proved."
            .formatted(notes);
  }

  /**
   * Prints it.
   *
   * @param signed the receipt whose signature holds; empty if no key was given
   */
  private static void print(
      Verification.Result found,
      @Nullable StopResult again,
      String signed,
      String verdict,
      PrintWriter out) {
    out.printf("%s, %s, checkpoint %s%n", found.uri(), found.kind(), found.checkpointId());
    if (!signed.isEmpty()) {
      out.println("Signed    the receipt, by a key that was given: " + signed);
    }
    long bytes = found.files().stream().mapToLong(Receipt.StoredFile::bytes).sum();
    out.printf("Files     %,d, %,d bytes%n", found.files().size(), bytes);
    Receipt.Models models = found.models();
    if (models != null) {
      out.printf(
          "Models    %,d, %,d outcomes learned, %,d predictions wait for their outcome%n",
          models.keys(), models.updates(), models.pendingObservations());
    }
    out.println("Read to   " + found.sourceOffsets());
    found
        .transactions()
        .forEach(t -> out.printf("Transaction %s: %s%n", t.transactionalId(), t.fate()));
    found.comparedWith().forEach(what -> out.println("Compared  " + what));
    found.warnings().forEach(warning -> out.println("Note      " + warning));
    found.problems().forEach(problem -> out.println("PROBLEM   " + problem));
    found
        .stopProblems()
        .forEach(problem -> out.println("PROBLEM   its stop was not proved: " + problem));
    if (again != null) {
      boolean resumed =
          again.kind() == StopResult.Kind.UNPROVED
              && !again.written().receipt().resumptions().isEmpty();
      out.println(
          "Receipt   " + (resumed ? "" : "its proof had failed; proved again: ") + again.text());
    }
    out.println(verdict);
  }
}
