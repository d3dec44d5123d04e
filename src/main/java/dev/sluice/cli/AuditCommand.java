package dev.sluice.cli;

import dev.sluice.ops.audit.Audit;
import dev.sluice.ops.audit.AuditReport;
import dev.sluice.ops.audit.AuditedJob;
import dev.sluice.ops.audit.Bounds;
import dev.sluice.ops.broker.Brokers;
import dev.sluice.ops.receipt.Receipt;
import dev.sluice.ops.receipt.ReceiptFile;
import dev.sluice.ops.stop.KnownPlaces;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
      "Names every gap, duplicate and foreign record. Judges a running job's inputs up to its last",
      "checkpoint, a stopped one's up to its snapshot."
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
  @Mixin JobArguments arguments = new JobArguments();
  @Mixin OutputForm output = new OutputForm();

  @Option(
      names = "--savepoint",
      paramLabel = "URI",
      description = "The job is stopped with this snapshot.")
  @Nullable String savepoint;

  @Option(
      names = "--receipt",
      paramLabel = "FILE",
      description = "The job is stopped with this receipt's snapshot.")
  @Nullable Path receipt;

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
          "How long brokers, and a running job's next checkpoint, may take"
              + " (default: ${DEFAULT-VALUE}).")
  Duration patience = Duration.ZERO;

  @Option(
      names = "--journal",
      paramLabel = "DIR",
      description = "Where stops are noted: a receipt may name their brokers.")
  @Nullable Path journal;

  @Option(
      names = "--examples",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many of each anomaly to name (default: ${DEFAULT-VALUE}).")
  int examples;

  @Override
  public Integer call() throws IOException, InterruptedException {
    refuseNonsense();
    AuditedJob job = job();
    Bounds bounds = bounds(job);
    refuseOtherInputs(bounds, job);
    AuditReport report =
        new Audit(job, bounds, patience, examples)
            .run(new AuditProgress(spec.commandLine().getErr()));
    if (output.isJson()) {
      OutputForm.printJson(spec.commandLine().getOut(), report.json());
    } else {
      new AuditText(report).print(spec.commandLine().getOut());
    }
    return report.isClean() ? 0 : DAMAGE;
  }

  private void refuseNonsense() {
    if (examples < 0) {
      throw new ParameterException(
          spec.commandLine(), "--examples (%s) must be 0 or more".formatted(examples));
    }
    if (savepoint != null && receipt != null) {
      throw new ParameterException(
          spec.commandLine(), "--savepoint and --receipt both name a snapshot: give one");
    }
  }

  /** A verdict on topics that the job does not read would be clean, and worth nothing. */
  private static void refuseOtherInputs(Bounds bounds, AuditedJob job) throws IOException {
    Set<String> read = new TreeSet<>();
    bounds.to().keySet().forEach(p -> read.add(p.topic()));
    if (!job.events().containsAll(read)) {
      throw new IOException(
          "the snapshot is of a job that reads %s, not %s: name its topics with --events and --sluice.topics.predictions and the others, or give the receipt, which knows them"
              .formatted(read, job.events()));
    }
  }

  /** Whatever was answered since would be counted as answered beyond the snapshot. */
  private static void refuseResumed(Receipt told, Path file) throws IOException {
    List<Receipt.Resumption> resumptions = told.resumptions();
    if (!resumptions.isEmpty()) {
      Receipt.Resumption last = resumptions.get(resumptions.size() - 1);
      throw new IOException(
          "the job of %s was resumed at %s, as %s, and has answered more since: audit it as it runs, without --receipt, or with the receipt of its last stop"
              .formatted(file, last.at().truncatedTo(ChronoUnit.SECONDS), last.jobId()));
    }
  }

  private Bounds bounds(AuditedJob job) throws IOException, InterruptedException {
    if (savepoint != null) {
      return Bounds.ofSnapshot(savepoint);
    } else if (receipt != null) {
      return Bounds.ofSnapshot(VerifyCommand.uri(receipt.toString()));
    }
    try (Brokers brokers = new Brokers(job.client(), patience)) {
      return Bounds.ofRunning(job, brokers);
    }
  }

  /** A receipt may name the brokers that the operator names, and those of earlier stops. */
  private KnownPlaces knownPlaces() {
    Map<String, String> flags = new HashMap<>(arguments.flags);
    if (kafka.bootstrapServers != null) {
      flags.putIfAbsent("sluice.kafka.bootstrap-servers", kafka.bootstrapServers);
    }
    ClusterOptions cluster = new ClusterOptions();
    cluster.journal = journal;
    return new KnownPlaces(
        flags, arguments.fromFile(System.getenv()), cluster.journal(System.getenv()));
  }

  /** Flags override the file of settings, which overrides what the receipt says of its job. */
  private AuditedJob job() throws IOException {
    Map<String, String> settings = new HashMap<>();
    if (receipt != null) {
      Receipt told = ReceiptFile.read(receipt);
      refuseResumed(told, receipt);
      settings.putAll(knownPlaces().settings(told, receipt.toString()));
      settings.putAll(arguments.besideThoseOfAJob(System.getenv()));
    } else {
      settings.putAll(arguments.fromFile(System.getenv()));
      settings.putAll(arguments.flags);
    }
    AuditedJob named = AuditedJob.of(settings);
    return new AuditedJob(
        kafka.client(named.client()),
        groupId == null ? named.groupId() : groupId,
        prefix == null ? named.transactionalIdPrefix() : prefix,
        events.isEmpty() ? named.events() : events,
        named.startAtEarliest(),
        named.outputs(),
        named.deferred(),
        named.labels(),
        named.maxFeatures(),
        named.looksUp());
  }
}
