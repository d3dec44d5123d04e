package dev.sluice.cli;

import dev.sluice.ops.audit.Audit;
import dev.sluice.ops.audit.AuditReport;
import dev.sluice.ops.audit.AuditedJob;
import dev.sluice.ops.audit.Bounds;
import dev.sluice.ops.broker.Brokers;
import dev.sluice.ops.receipt.Receipt;
import dev.sluice.ops.receipt.ReceiptFile;
import dev.sluice.ops.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Checks the ledger law from the topics alone. */
@Command(
    name = "audit",
    preprocessor = SettingFlags.class,
    header = "Checks that every input has exactly one answer, from the topics alone.",
    description = {
      "",
      "Reads the job's topics and names every gap, duplicate and foreign record. Of a running job it"
          + " judges the inputs up to its last checkpoint."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every input is accounted for",
      "1:could not be checked",
      "2:wrong usage",
      "5:answers are missing, doubled or foreign"
    },
    footer = {
      "",
      "Examples:",
      "  sluice audit",
      "  sluice audit --receipt receipt-sluice-1f2e3d4c.json -o json"
    })
final class AuditCommand implements Callable<Integer> {

  private static final int DAMAGE = 5;

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin KafkaOptions kafka = new KafkaOptions();
  @Mixin OutputForm output = new OutputForm();

  @Mixin JobArguments arguments = new JobArguments();

  @Option(
      names = "--receipt",
      paramLabel = "FILE",
      description = "Of a stopped job: judges up to where it was stopped.")
  @Nullable Path receipt;

  @Option(
      names = "--savepoint",
      paramLabel = "URI",
      description = "Of a stopped job, where there is no receipt.")
  @Nullable String savepoint;

  @Option(
      names = "--events",
      paramLabel = "TOPIC",
      split = ",",
      description = "The input topics (default: sluice.events).")
  List<String> events = List.of();

  @Option(
      names = "--group-id",
      paramLabel = "GROUP",
      description = "Whose committed offsets bound a running job (default: sluice).")
  @Nullable String groupId;

  @Option(
      names = "--transactional-id-prefix",
      paramLabel = "PREFIX",
      description = "Of the job's transactions (default: sluice).")
  @Nullable String prefix;

  @Option(
      names = "--patience",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "60s",
      description =
          "The longest wait for the brokers, and for a running job's next checkpoint"
              + " (default: ${DEFAULT-VALUE}).")
  Duration patience = Duration.ZERO;

  @Option(
      names = "--examples",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many of each anomaly to name (default: ${DEFAULT-VALUE}).")
  int examples;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (examples < 0) {
      throw new ParameterException(
          spec.commandLine(), "--examples (%s) must be 0 or more".formatted(examples));
    }
    if (receipt != null && savepoint != null) {
      throw new ParameterException(
          spec.commandLine(), "--receipt and --savepoint say the same: give one of them");
    }
    Receipt known = receipt == null ? null : ReceiptFile.read(receipt);
    AuditedJob job = job(known);
    AuditReport report =
        new Audit(job, bounds(job, known), patience, examples)
            .run(new AuditProgress(spec.commandLine().getErr()));
    AuditText text = new AuditText(report);
    if (output.isJson()) {
      OutputForm.printJson(spec.commandLine().getOut(), report.json());
    } else {
      text.print(spec.commandLine().getOut());
    }
    return report.isClean() ? 0 : DAMAGE;
  }

  private Bounds bounds(AuditedJob job, @Nullable Receipt known)
      throws IOException, InterruptedException {
    String uri = known != null && known.snapshot() != null ? known.snapshot().uri() : savepoint;
    if (uri != null) {
      Snapshot snapshot = Snapshot.open(uri);
      return Bounds.ofSnapshot(snapshot.sourceOffsets(), snapshot.models().check().held());
    }
    try (Brokers brokers = new Brokers(job.client(), patience)) {
      return Bounds.ofRunning(job, brokers);
    }
  }

  private AuditedJob job(@Nullable Receipt known) throws IOException {
    Map<String, String> settings = new HashMap<>();
    if (known == null) {
      settings.putAll(arguments.fromFile(System.getenv()));
      settings.putAll(arguments.flags);
    } else {
      settings.putAll(known.job().settings());
      settings.putAll(arguments.besideThoseOfAJob(System.getenv()));
    }
    AuditedJob told = AuditedJob.of(settings);
    return new AuditedJob(
        kafka.client(told.client()),
        groupId == null ? told.groupId() : groupId,
        prefix == null ? told.transactionalIdPrefix() : prefix,
        events.isEmpty() ? told.events() : events,
        told.outputs(),
        told.labels(),
        told.maxFeatures());
  }
}
