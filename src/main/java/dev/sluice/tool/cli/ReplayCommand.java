package dev.sluice.tool.cli;

import dev.sluice.codec.Headers;
import dev.sluice.event.OutputTopic;
import dev.sluice.settings.JobSettings;
import dev.sluice.tool.replay.Replay;
import dev.sluice.tool.replay.ReplayPolicy;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Feeds deferred records back. */
@Command(
    name = "replay",
    header = "Feeds deferred records back into the input, each exactly once.",
    description = {
      "Killed, run again or run twice at once, it still feeds back each record once, to the end of",
      "the partition it came from. Resume scoring first: a record that comes while it is still",
      "paused is deferred again, as a new record that the next replay feeds back."
    },
    exitCodeList = {
      "0:all that was deferred when it began is fed back",
      "1:an error, or another replay took over: run it again to continue",
      "10:the brokers do not answer: run it again to continue"
    },
    footer = {"  sluice replay", "  sluice replay --key LAS -o json"})
final class ReplayCommand extends ClusterVerb {

  @Option(
      names = "--deferred",
      paramLabel = "TOPIC",
      description = "What was deferred (default: sluice.deferred).")
  @Nullable String deferred;

  @Option(
      names = "--events",
      paramLabel = "TOPIC",
      split = ",",
      description = "The job's input topics; no other is written to (default: sluice.events).")
  List<String> events = List.of();

  @Option(names = "--key", paramLabel = "KEY", description = "Only this key (default: every key).")
  @Nullable String key;

  @Option(
      names = "--first-time",
      description = "Nothing was replayed before; needed where that is no longer known.")
  boolean firstTime;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Records a transaction (default: ${DEFAULT-VALUE}).")
  int batch;

  @Option(
      names = "--patience",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "60s",
      description = "How long the brokers may take (default: ${DEFAULT-VALUE}).")
  Duration patience = Duration.ofSeconds(60);

  @Override
  public Integer call() throws IOException, InterruptedException {
    require(batch >= 1, "--batch (%s) must be at least 1".formatted(batch));
    JobSettings job = connection.job.settings();
    String topic =
        deferred == null
            ? job.topics().outputs().getOrDefault(OutputTopic.DEFERRED, "sluice.deferred")
            : deferred;
    Properties client = connection.client(job.kafka().clientProperties());
    Replay.Result result =
        new Replay(
                connection.services(),
                new ReplayPolicy(
                    client,
                    topic,
                    Set.copyOf(events.isEmpty() ? job.topics().events() : events),
                    key,
                    firstTime,
                    batch,
                    patience))
            .run(reading());
    return print(result, out -> print(result, topic, out));
  }

  private static void print(Replay.Result result, String topic, PrintWriter out) {
    out.printf(Locale.ROOT, "%,d records of %s fed back.%n", result.replayed(), topic);
    some(out, result.earlier(), "were fed back before.");
    some(out, result.otherKeys(), "with other keys still wait.");
    some(out, result.foreign(), "name no input they came from, and stay.");
    result
        .otherTopics()
        .forEach(
            (name, records) ->
                some(
                    out,
                    records,
                    "name the topic %s, which is not one of the job's (--events), and stay."
                        .formatted(name)));
    some(
        out,
        result.cut(),
        "hold the beginning of their input only (%s), and stay.".formatted(Headers.VALUE_LENGTH));
  }

  private static void some(PrintWriter out, long records, String what) {
    if (records > 0) {
      out.printf(Locale.ROOT, "%,d %s%n", records, what);
    }
  }
}
