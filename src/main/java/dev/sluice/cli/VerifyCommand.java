package dev.sluice.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.ops.receipt.Receipt;
import dev.sluice.ops.receipt.ReceiptFile;
import dev.sluice.ops.stop.Verification;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Proves a snapshot again. */
@Command(
    name = "verify",
    preprocessor = SettingFlags.class,
    header = "Proves a savepoint again: every file, every model, every transaction.",
    description = {
      "",
      "Reads it whole, compares it with the receipt beside it, and asks the brokers what became",
      "of its transactions, at the brokers that your settings or your journal name."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it may be trusted",
      "1:it is not there, or something could not be asked",
      "2:wrong usage",
      "5:it must not be trusted"
    },
    footer = {"", "Example:", "  sluice verify s3://savepoints/savepoint-1f2e3d-4c5b6a"})
final class VerifyCommand implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin OutputForm output = new OutputForm();
  @Mixin JobArguments job = new JobArguments();

  @Parameters(
      paramLabel = "SAVEPOINT",
      arity = "0..1",
      description = "A snapshot's URI, or a receipt's file.")
  String snapshot = "";

  @Option(
      names = "--journal",
      paramLabel = "DIR",
      description = "Where stops are noted: a receipt may name their brokers.")
  @Nullable Path journal;

  @Option(names = "--schema", description = "Print the JSON Schema of receipts instead.")
  boolean schema;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    if (schema) {
      out.print(ReceiptFile.schema());
      out.flush();
      return 0;
    }
    if (snapshot.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "Missing required parameter: 'SAVEPOINT'");
    }
    ClusterOptions cluster = new ClusterOptions();
    cluster.journal = journal;
    Verification.Result found =
        Verification.of(
            uri(snapshot),
            job.besideThoseOfAJob(System.getenv()),
            job.knownPlaces(System.getenv(), cluster.journal(System.getenv())));
    if (output.isJson()) {
      ObjectNode json = JSON.valueToTree(found);
      json.put("good", found.isGood());
      out.println(JSON.writeValueAsString(json));
    } else {
      print(found, out);
    }
    out.flush();
    return found.isGood() ? 0 : 5;
  }

  /** A receipt stands for the snapshot that it names. */
  static String uri(String given) throws IOException {
    try {
      Path file = Path.of(given);
      if (Files.isRegularFile(file) && !file.endsWith("_metadata")) {
        Receipt.Snapshot named = ReceiptFile.read(file).snapshot();
        if (named == null) {
          throw new IOException("the receipt %s names no snapshot".formatted(file));
        }
        return named.uri();
      }
    } catch (InvalidPathException aUri) {
      return given;
    }
    return given;
  }

  private static void print(Verification.Result found, PrintWriter out) {
    out.printf("%s, %s, checkpoint %s%n", found.uri(), found.kind(), found.checkpointId());
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
    found.warnings().forEach(warning -> out.println("Note      " + warning));
    found.problems().forEach(problem -> out.println("PROBLEM   " + problem));
    out.println(found.isGood() ? "It may be trusted." : "It must not be trusted.");
  }
}
