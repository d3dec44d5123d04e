package dev.sluice.tool.cli;

import dev.sluice.event.OutputTopic;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.ClusterMatch;
import dev.sluice.tool.feed.Feed;
import dev.sluice.tool.feed.FeedRun;
import dev.sluice.tool.feed.Feeder;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.setup.JobFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Feeds a file of events to a job. */
@Command(
    name = "feed",
    header = "Feeds a file of events to a job's topic, and shows how the job goes on.",
    description = {
      "FILE holds events as JSON lines, the rows of a CSV that sluice init has looked at, or the"
          + " demo's",
      "flights. Continues exactly where it ended before. With --job it waits until the job has",
      "answered; SIGTERM or SIGINT end it: what was sent is acknowledged, exit code 0."
    },
    exitCodeList = {
      "0:fed, or ended as asked; with --dry-run, every row can be used",
      "1:not fed, or not to its end",
      "5:some rows could not be used; the others were fed, unless with --dry-run",
      "9:somebody else stopped the job",
      "10:Flink or the brokers do not answer: try again"
    },
    footer = {
      "  sluice feed sales.csv --settings shop/sluice.yaml --job shop",
      "  sluice feed events.jsonl --settings shop/sluice.yaml --rate 0 --dry-run"
    })
final class FeedCommand extends ClusterVerb {

  private static final String SETTINGS = "sluice.";
  private static final Duration FLUSH_PATIENCE = Duration.ofSeconds(30);

  @Parameters(
      paramLabel = "FILE",
      description = "JSON lines, or a CSV whose first line names the columns; .gz allowed.")
  Path file = Path.of("");

  @Option(
      names = "--job",
      paramLabel = "JOB",
      description = "A running job's name or id: feed its topic, and show how it goes on.")
  @Nullable String jobName;

  @Option(
      names = "--mapping",
      paramLabel = "FILE",
      description = "What the CSV's columns mean (default: columns.json next to the settings).")
  @Nullable Path mapping;

  @Option(
      names = "--delay",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "How long after its row an outcome comes: 30m (default: right behind).")
  @Nullable Duration delay;

  @Option(
      names = "--as",
      paramLabel = "NAME",
      description = "Under this name the topic knows the file (default: its own).")
  @Nullable String name;

  @Option(
      names = "--first-time",
      description = "It was not fed before, though records of the topic were deleted.")
  boolean firstTime;

  @Option(
      names = "--take-over",
      description = "End another run that feeds FILE now, and continue in its place.")
  boolean takeOver;

  @Option(
      names = "--topic",
      paramLabel = "TOPIC",
      description = "Of several topics of events this one (default: the first).")
  @Nullable String topic;

  @Option(
      names = "--from-row",
      paramLabel = "ROW",
      defaultValue = "0",
      description = "First row, counted from 0 (default: 0).")
  int fromRow;

  @Option(
      names = "--to-row",
      paramLabel = "ROW",
      defaultValue = "2147483647",
      description = "The row behind the last (default: all).")
  int toRow = Integer.MAX_VALUE;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Events a second; 0 = as fast as possible (default: ${DEFAULT-VALUE}).")
  int rate;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "Stop after this long: 60s, 2m, 60 (default: at the end of FILE).")
  @Nullable Duration lasting;

  @Option(names = "--follow", description = "Stay at the end of FILE, and show the job.")
  boolean follow;

  @Option(names = "--dry-run", description = "Only read FILE, and name the rows that are bad.")
  boolean dryRun;

  @Option(
      names = "--columns",
      hidden = true,
      paramLabel = "N",
      defaultValue = "0",
      description = "Width of the terminal whose line is refreshed in place (default: none).")
  int columns;

  /** A job that runs, and what it publishes; the id of its Kafka cluster is empty if unknown. */
  private record Running(
      FeedRun.@Nullable Job job, Map<String, String> published, String kafkaClusterId) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    checkUsage();
    FeedFile.Kind kind = FeedFile.kind(file, mapping);
    require(
        kind == FeedFile.Kind.CSV || delay == null,
        "--delay goes with a CSV: the events of this file have times of their own");
    require(
        kind != FeedFile.Kind.FLIGHTS || (name == null && claims().isEmpty()),
        "--as, --first-time and --take-over go with data of one's own, not with the demo's flights");
    Running running = running();
    Map<String, String> settings = new HashMap<>(running.published());
    settings.putAll(
        running.published().isEmpty()
            ? connection.job.all()
            : PublishedSettings.additions(connection.job.additionalSettings()));
    JobSettings job = JobSettings.of(settings);
    BadRows bad = new BadRows(file, err());
    try (FeedFile fed = open(kind, job, bad)) {
      if (dryRun) {
        return dryRun(fed, bad);
      }
      Properties client = connection.client(job.kafka().clientProperties(), settings.keySet());
      requireSameCluster(running, client);
      return feed(fed, bad, settings(client, job, running.job()));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void checkUsage() {
    require(rate >= 0, "--rate (%s) must be 0 or more".formatted(rate));
    require(
        fromRow >= 0 && toRow >= fromRow,
        "--from-row (%s) must be 0 or more and not behind --to-row (%s)".formatted(fromRow, toRow));
    require(
        name == null || name.matches("[^\\p{Cntrl}/]{1,200}"),
        "--as must be 1 to 200 characters without a slash");
    require(!follow || jobName != null, "--follow goes with --job");
  }

  private Set<Feed.Claim> claims() {
    Set<Feed.Claim> claims = EnumSet.noneOf(Feed.Claim.class);
    if (firstTime) {
      claims.add(Feed.Claim.FIRST_TIME);
    }
    if (takeOver) {
      claims.add(Feed.Claim.TAKE_OVER);
    }
    return claims;
  }

  private Running running() throws IOException, InterruptedException {
    if (jobName == null) {
      return new Running(null, Map.of(), "");
    }
    List<URI> rest = connection.cluster.addresses();
    JobManager flink = connection.services().flink(rest);
    JobOverview found = flink.find(jobName).orElse(null);
    if (found == null) {
      throw new IOException(RefusalCode.NO_JOB.in(flink.unknown(jobName)));
    }
    Map<String, String> published = new HashMap<>(flink.settings(found.id()));
    if (!PublishedSettings.isOfSluice(published)) {
      throw new IOException(
          RefusalCode.JOB_UNKNOWN.in(
              "job (%s) publishes no settings of sluice".formatted(found.shownName())));
    }
    String kafkaClusterId = PublishedSettings.kafkaClusterId(published);
    published.keySet().removeIf(key -> !key.startsWith(SETTINGS)); // facts, such as its version
    return new Running(
        new FeedRun.Job(rest, found.id()),
        PublishedSettings.withoutSecrets(published),
        kafkaClusterId);
  }

  /** A job that reads a topic of the same name on other brokers would answer nothing. */
  private void requireSameCluster(Running running, Properties client)
      throws IOException, InterruptedException {
    if (running.kafkaClusterId().isEmpty()) {
      return;
    }
    try (Brokers brokers = connection.services().brokers(client)) {
      if (brokers.match(running.kafkaClusterId()) instanceof ClusterMatch.Other other) {
        throw new IOException(
            RefusalCode.BROKERS.in(
                "nothing was fed: %s. Name the brokers of the job's cluster (--bootstrap-servers)"
                    .formatted(other.words())));
      }
    }
  }

  private FeedFile open(FeedFile.Kind kind, JobSettings job, BadRows bad) throws IOException {
    FeedFile.Wanted wanted =
        new FeedFile.Wanted(fromRow, toRow, delay == null ? Duration.ZERO : delay, name);
    return switch (kind) {
      case FLIGHTS -> FeedFile.flights(file, wanted);
      case JSON_LINES -> FeedFile.jsonLines(file, wanted, job, bad);
      case CSV -> FeedFile.csv(file, mapping(), wanted, job, bad);
    };
  }

  private Path mapping() throws IOException {
    if (mapping != null) {
      return mapping;
    }
    Path settings = connection.job.named();
    Path nextToSettings = settings == null ? null : settings.resolveSibling(JobFiles.COLUMNS);
    if (nextToSettings == null || !Files.exists(nextToSettings)) {
      throw new IOException(
          ("nothing says what the columns of %s mean%s: 'sluice init' makes such a file; name it"
                  + " with --mapping, or the settings next to it with --settings")
              .formatted(
                  file,
                  nextToSettings == null ? "" : " (there is no %s)".formatted(nextToSettings)));
    }
    return nextToSettings;
  }

  private FeedRun.Settings settings(
      Properties client, JobSettings job, FeedRun.@Nullable Job running) {
    List<String> events = job.topics().events();
    require(
        topic == null || events.contains(topic),
        "--topic (%s) is none of the job's topics of events %s".formatted(topic, events));
    return new FeedRun.Settings(
        client,
        new FeedRun.Topics(
            topic == null ? events.get(0) : topic,
            job.topics().of(OutputTopic.EVALUATIONS),
            job.kafka().groupId()),
        running,
        new FeedRun.Pacing(rate, lasting, follow),
        columns);
  }

  private int dryRun(FeedFile fed, BadRows bad) {
    long count = 0;
    while (fed.events().hasNext()) {
      fed.events().next();
      count++;
    }
    long events = count;
    bad.sum();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("events", events);
    json.put("badRows", bad.count());
    return print(
        exitCode(bad).number(),
        json,
        out -> out.printf(Locale.ROOT, "%,d events in %s; nothing was fed%n", events, file));
  }

  private int feed(FeedFile fed, BadRows bad, FeedRun.Settings settings)
      throws InterruptedException {
    PrintWriter progress = output.isJson() ? err() : out();
    FeedRun run = new FeedRun(connection.services(), settings, progress);
    CountDownLatch done = new CountDownLatch(1);
    AtomicBoolean failed = new AtomicBoolean();
    Thread onSignal = new Thread(() -> endCleanly(run, done, failed), "stop-signal");
    Runtime.getRuntime().addShutdownHook(onSignal);
    try {
      Feeder feeder =
          new Feeder(
              settings.client(),
              settings.topics().events(),
              new Feed(fed.name(), fed.idPrefix(), claims()));
      FeedRun.Ended ended = run.run(feeder, fed.events());
      bad.sum();
      ExitCode code = ended.asRequested() ? exitCode(bad) : ExitCode.OTHERWISE;
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("topic", settings.topics().events());
      json.put("events", feeder.inTopic());
      json.put("atEnd", feeder.exhausted());
      json.put("answered", ended.answered());
      json.put("badRows", bad.count());
      return print(code.number(), json, out -> {});
    } catch (IOException e) {
      // Printed here: after a signal no other code can print it.
      err().println("sluice feed: " + e.getMessage());
      failed.set(true);
      return (Silence.isBehind(e) ? ExitCode.NO_ANSWER : ExitCode.REFUSED).number();
    } finally {
      done.countDown();
    }
  }

  private static ExitCode exitCode(BadRows bad) {
    return bad.count() == 0 ? ExitCode.DONE : ExitCode.BAD;
  }

  /** A signal has begun the JVM's end: lets the run finish, then ends with 0 in place of 143. */
  private static void endCleanly(FeedRun run, CountDownLatch done, AtomicBoolean failed) {
    if (done.getCount() == 0) {
      return;
    }
    run.stop();
    try {
      boolean flushed = done.await(FLUSH_PATIENCE.toSeconds(), TimeUnit.SECONDS);
      Runtime.getRuntime().halt(flushed && !failed.get() ? 0 : 1);
    } catch (InterruptedException e) {
      Runtime.getRuntime().halt(1);
    }
  }
}
