package dev.sluice.tool.cli;

import static java.util.stream.Collectors.joining;

import dev.sluice.event.OutputTopic;
import dev.sluice.event.Reason;
import dev.sluice.settings.JobSettings;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.scoring.DeadLetters;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sums up the inputs that can't be used. */
@Command(
    name = "dead-letters",
    header = "Sums up the inputs that can't be used, by reason, with examples.",
    description = {
      "Reads what is committed in the dead-letter topic when it starts. Of a running JOB it also"
          + " says",
      "how many events were taken but look wrong: unknown features, other types, far times."
    },
    exitCodeList = {
      "0:summed up, dead letters or none",
      "1:the topic can't be read",
      "10:the brokers do not answer: try again"
    },
    footer = {
      "  sluice dead-letters sluice",
      "  sluice dead-letters sluice --since 1h",
      "  sluice dead-letters --since 2026-11-28T00:00:00Z --reason bad-feature --limit 20 -o json"
    })
final class DeadLettersCommand extends ClusterVerb {

  private static final Duration FIGURES = Duration.ofSeconds(5);
  private static final Duration BETWEEN = Duration.ofMillis(500);
  private static final String BROKERS = "sluice.kafka.bootstrap-servers";
  private static final String TOPIC = "sluice.topics.dead-letters";
  private static final String SUSPECT = ".suspectEvents";
  private static final int MOST_EXAMPLES = 1_000;

  @Parameters(
      paramLabel = "JOB",
      arity = "0..1",
      description = "The running job's name in Flink, or its id.")
  @Nullable String job;

  @Option(
      names = "--topic",
      paramLabel = "TOPIC",
      description = "The dead letters (default: the settings', or sluice.dead-letters).")
  @Nullable String named;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = Since.Converter.class,
      description = "Only those written from then on: 1h (ago), ISO-8601 or epoch milliseconds.")
  @Nullable Since from;

  @Option(names = "--reason", paramLabel = "REASON", description = "Only those of this reason.")
  @Nullable String reason;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "3",
      description = "The newest N of each reason are shown (default: ${DEFAULT-VALUE}).")
  int limit = 3;

  @Override
  public Integer call() throws IOException, InterruptedException {
    checkUsage();
    Instant since = from == null ? null : from.at(connection.services().time().clock());
    Suspects suspects = suspects();
    Map<String, String> reported = settings(suspects.published());
    JobSettings of = JobSettings.of(reported);
    String topic =
        named == null
            ? Objects.requireNonNull(of.topics().outputs().get(OutputTopic.DEAD_LETTERS))
            : named;
    List<DeadLetters.OfReason> reasons =
        new DeadLetters(connection.client(of.kafka().clientProperties(), reported.keySet()), topic)
            .read(new DeadLetters.Wanted(since, reason, limit), reading());
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("topic", topic);
    all.put("since", since);
    all.put("deadLetters", count(reasons));
    all.put("reasons", reasons);
    all.put("suspectEvents", suspects.counted());
    all.put("suspectEventsNote", suspects.note());
    return print(all, out -> print(title(topic, since, reasons), reasons, suspects, out));
  }

  /** A running job publishes where its dead letters are; otherwise the caller's settings do. */
  private Map<String, String> settings(Map<String, String> published) {
    Map<String, String> settings = new HashMap<>(published);
    settings.keySet().retainAll(List.of(BROKERS, TOPIC));
    settings.putAll(
        published.isEmpty() ? connection.job.all() : connection.job.additionalSettings());
    return settings;
  }

  private void checkUsage() {
    require(
        limit >= 0 && limit <= MOST_EXAMPLES,
        "--limit (%s) must be from 0 to %s".formatted(limit, MOST_EXAMPLES));
    List<String> known = new ArrayList<>(Arrays.stream(Reason.values()).map(Reason::code).toList());
    known.add(DeadLetters.UNKNOWN);
    require(
        reason == null || known.contains(reason),
        "--reason (%s) must be one of %s".formatted(reason, String.join(", ", known)));
  }

  /**
   * What a running job counts of events that it took.
   *
   * @param counted by kind; null if not known
   * @param note why it is not known, or what the figures are about
   * @param published the job's own settings; empty if not known
   */
  private record Suspects(
      @Nullable SortedMap<String, Long> counted, String note, Map<String, String> published) {

    static Suspects unknown(String why) {
      return new Suspects(null, "What was taken but looks wrong is " + why, Map.of());
    }
  }

  private Suspects suspects() throws InterruptedException {
    if (job == null) {
      return Suspects.unknown("counted by the running job: name it, sluice dead-letters JOB");
    }
    Optional<List<URI>> rest = connection.cluster.addressesIfNamed();
    if (rest.isEmpty()) {
      return Suspects.unknown("not known: no JobManager is named to ask; --rest URL names one");
    }
    try {
      JobManager flink = connection.services().flink(rest.get());
      JobOverview found = flink.find(job).orElse(null);
      if (found == null || found.isOver()) {
        return Suspects.unknown("not known: job (%s) does not run".formatted(job));
      }
      SortedMap<String, Long> counted = counted(flink, found.id());
      return new Suspects(
          counted.isEmpty() ? null : counted,
          counted.isEmpty()
              ? "What was taken but looks wrong is not known: the job does not report it yet"
              : "since the job's tasks started; its log names the first of each feature",
          flink.settings(found.id()));
    } catch (IOException e) {
      return Suspects.unknown("not known: " + e.getMessage());
    }
  }

  /** Flink fetches figures from the tasks once it is asked for them, and has none at first. */
  private SortedMap<String, Long> counted(JobManager flink, String jobId)
      throws IOException, InterruptedException {
    SortedMap<String, Long> counted = new TreeMap<>();
    Time time = connection.services().time();
    Deadline deadline = time.after(FIGURES);
    while (true) {
      flink.sums(jobId, SUSPECT).forEach((id, sum) -> counted.merge(kind(id), sum, Long::sum));
      if (!counted.isEmpty() || deadline.isOver()) {
        return counted;
      }
      time.sleep(BETWEEN);
    }
  }

  /** As in {@code learn_and_predict.sluice.kind.far-time.suspectEvents}. */
  private static String kind(String id) {
    String before = id.substring(0, id.length() - SUSPECT.length());
    return before.substring(before.lastIndexOf('.') + 1);
  }

  private String title(String topic, @Nullable Instant since, List<DeadLetters.OfReason> reasons) {
    return String.format(
        Locale.ROOT,
        "%,d dead letters in %s%s%s",
        count(reasons),
        topic,
        since == null ? "" : " since " + since,
        reason == null ? "" : " with the reason " + reason);
  }

  private static void print(
      String title, List<DeadLetters.OfReason> reasons, Suspects suspects, PrintWriter out) {
    out.println(title);
    for (DeadLetters.OfReason one : reasons) {
      out.printf(
          Locale.ROOT, "%n%s: %,d, %s to %s%n", one.reason(), one.count(), one.first(), one.last());
      one.examples().forEach(example -> print(example, out));
    }
    SortedMap<String, Long> counted = suspects.counted();
    out.println();
    if (counted == null) {
      out.println(suspects.note() + ".");
    } else {
      out.printf(
          "Taken, but they look wrong (%s): %s.%n",
          suspects.note(),
          counted.entrySet().stream()
              .map(e -> String.format(Locale.ROOT, "%s %,d", e.getKey(), e.getValue()))
              .collect(joining(", ")));
    }
  }

  private static void print(DeadLetters.Example example, PrintWriter out) {
    out.printf("  %s %s%n", example.origin(), example.detail());
    out.printf(
        Locale.ROOT,
        "      key %s, value (%,d bytes) %s%n",
        example.key() == null ? "none" : example.key(),
        example.bytes(),
        example.value() == null ? "none" : example.value());
  }

  private static long count(List<DeadLetters.OfReason> reasons) {
    return reasons.stream().mapToLong(DeadLetters.OfReason::count).sum();
  }
}
