package dev.sluice.tool.cli;

import dev.sluice.settings.JobSettings;
import dev.sluice.tool.audit.Audit;
import dev.sluice.tool.audit.AuditReport;
import dev.sluice.tool.audit.AuditedJob;
import dev.sluice.tool.audit.Bounds;
import dev.sluice.tool.audit.Standstill;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptFolder;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.Resumptions;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.savepoint.FileCheck;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.SnapshotFiles;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.AskedJobs;
import dev.sluice.tool.stop.FileProof;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks the ledger law from the topics alone. */
@Command(
    name = "audit",
    header = "Checks that every input has exactly one answer, from the topics alone.",
    description = {
      "Names every gap, duplicate and foreign record. Judges a running job's inputs up to its last",
      "checkpoint, a stopped one's up to the snapshot of its newest receipt."
    },
    exitCodeList = {
      "0:every input is accounted for",
      "1:could not be checked",
      "5:answers are missing, doubled or foreign",
      "7:nothing is known to be wrong, but some inputs can't be judged: see the notes",
      "10:Flink or the brokers do not answer: try again"
    },
    footer = {"  sluice audit", "  sluice audit --receipt receipt-sluice-1f2e3d4c.json -o json"})
final class AuditCommand extends ClusterVerb {

  private static final String SERVERS = "sluice.kafka.bootstrap-servers";

  /** How to reach the brokers says nothing of what the job does. */
  private static final String KAFKA = "sluice.kafka.";

  @Mixin final Connection.CheckingKey checking = new Connection.CheckingKey();

  @Option(
      names = "--savepoint",
      paramLabel = "URI",
      description = "The job is stopped with this snapshot.")
  @Nullable String savepoint;

  @Option(
      names = "--receipt",
      paramLabel = "FILE",
      description = "Read this receipt: the job is stopped with its snapshot.")
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
      names = "--examples",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many of each anomaly to name (default: ${DEFAULT-VALUE}).")
  int examples;

  @Override
  public Integer call() throws IOException, InterruptedException {
    require(examples >= 0, "--examples (%s) must be 0 or more".formatted(examples));
    require(
        savepoint == null || receipt == null,
        "--savepoint and --receipt both name a snapshot: give one");
    connection.checking = checking;
    AuditReport report = savepoint != null || receipt != null ? ofSnapshot() : bare();
    return print(report.verdict().exitCode(), report.json(), new AuditText(report)::print);
  }

  /** A verdict on topics that the job does not read would be clean, and worth nothing. */
  private static void refuseOtherInputs(Bounds bounds, AuditedJob job) throws IOException {
    Set<String> read = new TreeSet<>();
    bounds.to().keySet().forEach(p -> read.add(p.topic()));
    if (!job.events().containsAll(read)) {
      throw new IOException(
          ("the snapshot is of a job that reads %s, not %s: name its topics with --events and "
                  + "--sluice.topics.predictions and the others, or give the receipt, which knows them")
              .formatted(read, job.events()));
    }
  }

  /** Every input answered since would be counted as answered beyond the snapshot. */
  private static void refuseResumed(Receipt reported, Path file) throws IOException {
    List<Receipt.Resumption> resumptions = reported.resumptions();
    if (!resumptions.isEmpty()) {
      throw new IOException(
          ("the job of %s %s, and what it has answered since would count as answered beyond the receipt: audit it "
                  + "as it runs, without --receipt, or with the receipt of its last stop")
              .formatted(file, Resumptions.lastInWords(resumptions)));
    }
  }

  /** The receipt says where the job stood, the snapshot what waits: both must be of one stop. */
  private static void refuseAnother(Receipt signed, String uri) throws IOException {
    FileCheck check = SnapshotFiles.check(Snapshot.open(uri));
    List<String> problems = new ArrayList<>(check.problems());
    problems.addAll(FileProof.notVouchedFor(signed, uri, check.files()));
    if (!problems.isEmpty()) {
      throw new IOException(RefusalCode.RECEIPT_SIGNATURE.in(String.join("; ", problems)));
    }
  }

  /** Without the resumptions that never were; all of them where no JobManager can be asked. */
  private Receipt settled(Receipt reported, Path file) throws InterruptedException {
    Optional<List<URI>> rest = connection.cluster.addressesIfNamed();
    return rest.isEmpty()
        ? reported
        : new AskedJobs(connection.services(), rest.get())
            .settled(
                reported,
                () ->
                    JobSettings.of(
                        overThoseOf(
                            connection.knownPlaces().brokerSettings(reported, file.toString()))));
  }

  private AuditReport ofSnapshot() throws IOException, InterruptedException {
    AuditedJob job;
    String uri;
    if (receipt != null) {
      ReceiptKeys keys = connection.keys();
      Receipt reported = ReceiptFile.read(receipt, keys);
      Path file = receipt;
      refuseResumed(settled(reported, file), file);
      job = job(overThoseOf(connection.knownPlaces().brokerSettings(reported, file.toString())));
      uri = VerifyCommand.uri(reported, receipt);
      if (keys.areGiven()) {
        refuseAnother(reported, uri);
      }
    } else {
      job = job(connection.job.all()).withoutLabels();
      uri = String.valueOf(savepoint);
    }
    Bounds bounds = Bounds.ofSnapshot(uri);
    refuseOtherInputs(bounds, job);
    return audit(job, bounds);
  }

  /** For the running job, or the one that was stopped last. */
  private AuditReport bare() throws IOException, InterruptedException {
    AuditedJob meant = job(connection.job.all());
    AuditSubject subject = subject(meant);
    List<String> notes = new ArrayList<>(subject.notes());
    SortedMap<String, String> reported = subject.settings();
    AuditedJob job = reported == null ? unknown(meant, notes) : job(keepingBrokers(reported));
    ReceiptFolder.Kept stop = subject.stop();
    try (Brokers brokers = connection.services().brokers(job.client(), patience)) {
      Bounds bounds =
          stop == null || !stands(stop, subject, job, brokers, notes) ? null : bounds(stop, notes);
      if (stop != null && bounds != null) {
        AuditReport report = audit(job, bounds);
        AuditSubject now = subject(meant);
        if (!now.stillBoundedBy(stop)) {
          notes.add(
              "the audit does not use the receipt %s: it was valid when the audit began, but no longer at the end: %s"
                  .formatted(stop.file(), String.join("; ", now.whyUnbounded(stop, notes))));
        } else if (stands(stop, now, job, brokers, notes)) {
          notes.add("the audit is bounded by the newest receipt, " + stop.file());
          return report.noting(notes);
        }
      }
      return audit(job, Bounds.ofRunning(job, brokers)).noting(notes);
    }
  }

  private AuditSubject subject(AuditedJob meant) throws InterruptedException {
    return AuditSubject.find(
        meant.transactionalIdPrefix(),
        this::isMeant,
        connection
            .cluster
            .addressesIfNamed()
            .map(rest -> connection.services().flink(rest, ToolServices.GLANCE))
            .orElse(null),
        connection.cluster.journal());
  }

  private static @Nullable Bounds bounds(ReceiptFolder.Kept stop, List<String> notes) {
    try {
      return Bounds.ofSnapshot(Objects.requireNonNull(stop.receipt().snapshot()).uri());
    } catch (IOException e) {
      notes.add(
          "the newest receipt, %s, is not used, for its savepoint can't be read: %s"
              .formatted(stop.file(), e.getMessage()));
      return null;
    }
  }

  private AuditReport audit(AuditedJob job, Bounds bounds)
      throws IOException, InterruptedException {
    return new Audit(connection.services(), job, bounds, patience, examples).run(reading());
  }

  /** Whether the job is still at the position of the stop; if not, a note says why. */
  private boolean stands(
      ReceiptFolder.Kept stop,
      AuditSubject subject,
      AuditedJob job,
      Brokers brokers,
      List<String> notes)
      throws IOException, InterruptedException {
    Standstill standstill = Standstill.of(job, AuditSubject.stoppedAt(stop.receipt()), brokers);
    Optional<String> objection = standstill.objection();
    if (objection.isEmpty()
        && subject.running() == AuditSubject.Running.UNKNOWN
        && !standstill.isAsCommitted()) {
      objection =
          Optional.of(
              "its offsets are not those that the job's consumer group has committed, and Flink does not report "
                  + "whether the job runs; if it is stopped, give --receipt with this file");
    }
    objection.ifPresent(
        why -> notes.add("the newest receipt, %s, bounds nothing: %s".formatted(stop.file(), why)));
    return objection.isEmpty();
  }

  /** What the job does not publish is assumed. */
  private AuditedJob unknown(AuditedJob job, List<String> notes) {
    AuditedJob guessed = job.withoutLabels();
    if (tellOfTheJob(connection.job.all().keySet())) {
      return guessed;
    }
    notes.add(
        "the job's settings are not known, neither from Flink (--rest) nor from a receipt (--journal), so it may "
            + "look features up, and hold any input until it is answered; give them with --settings");
    return guessed.maybeLookingUp();
  }

  /** Whether settings say more than how to reach the brokers, as a file of passwords does not. */
  static boolean tellOfTheJob(Set<String> keys) {
    return keys.stream().anyMatch(key -> !key.startsWith(KAFKA));
  }

  /** Whether a job has the names that the command line gives. */
  private boolean isMeant(Map<String, String> settings) {
    try {
      AuditedJob reported = AuditedJob.of(settings);
      AuditedJob meant = job(overThoseOf(settings));
      return reported.groupId().equals(meant.groupId())
          && Set.copyOf(reported.events()).equals(Set.copyOf(meant.events()))
          && reported.outputs().equals(meant.outputs());
    } catch (IOException | IllegalArgumentException unreadable) {
      return false; // of another version; the defaults and the command line have to do
    }
  }

  /** Flags override the file of settings, which overrides what the job publishes. */
  private Map<String, String> overThoseOf(Map<String, String> reported) {
    Map<String, String> settings = new HashMap<>(reported);
    settings.putAll(connection.job.additionalSettings());
    return settings;
  }

  /**
   * The brokers of a job that was found, not named, are not taken: only the operator names them.
   */
  private Map<String, String> keepingBrokers(Map<String, String> reported) {
    Map<String, String> settings = overThoseOf(reported);
    settings.remove(SERVERS);
    String servers = connection.job.all().get(SERVERS);
    if (servers != null) {
      settings.put(SERVERS, servers);
    }
    return settings;
  }

  private AuditedJob job(Map<String, String> settings) throws IOException {
    AuditedJob named = AuditedJob.of(settings);
    return new AuditedJob(
        connection.client(named.client(), settings.keySet()),
        groupId == null ? named.groupId() : groupId,
        prefix == null ? named.transactionalIdPrefix() : prefix,
        events.isEmpty() ? named.events() : events,
        named.startAtEarliest(),
        named.outputs(),
        named.deferred(),
        named.looksUp(),
        named.labels());
  }
}
