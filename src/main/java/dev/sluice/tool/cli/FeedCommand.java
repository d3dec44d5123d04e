package dev.sluice.tool.cli;

import dev.sluice.tool.demo.DemoRun;
import dev.sluice.tool.demo.Flights;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The demo's middle part: feeds the job and shows how it goes. */
@Command(
    name = "feed",
    description = "Feeds flights to a running job and shows one line about it.",
    exitCodeList = {"0:ended as asked", "1:error", "9:somebody else stopped the job"},
    footer = {
      "",
      "Continues exactly where the topic ends. SIGTERM or SIGINT: what was sent is acknowledged, exit 0.",
      "Once the job was seen to run, a JobManager that is gone is waited for: what is fed waits in Kafka.",
      "",
      "Example:",
      "  sluice feed flights.csv.gz --from-row 100000 --rate 2000 --job 1d0ed1…"
    })
final class FeedCommand extends FlightsVerb {

  private static final int STOPPED_BY_OTHERS = ExitCode.OTHERWISE.number();
  private static final Duration FLUSH_PATIENCE = Duration.ofSeconds(30);

  @Mixin KafkaOptions kafka = new KafkaOptions();

  @Option(
      names = "--rest",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8081",
      description =
          "Flink's REST interface; several with commas between them (default: ${DEFAULT-VALUE}).")
  String rest = "";

  @Option(names = "--job", required = true, paramLabel = "ID", description = "The job's id.")
  String jobId = "";

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
      description = "Stop after this long: 60s, 2m, 60 (default: never).")
  @Nullable Duration lasting;

  @Option(
      names = "--columns",
      paramLabel = "N",
      defaultValue = "0",
      description = "Width of the terminal whose line is refreshed in place (default: none).")
  int columns;

  @Override
  public Integer call() throws IOException, InterruptedException {
    require(rate >= 0, "--rate (%s) must be 0 or more".formatted(rate));
    // Its --rest is no context's: another cluster's topic would get the flights.
    kafka.chosen.contextsCount = false;
    DemoRun run =
        new DemoRun(
            ((Sluice) spec.root().userObject()).services,
            new DemoRun.Settings(
                kafka.client(),
                "sluice.events",
                "sluice.evaluations",
                Arrays.stream(rest.split(",", -1)).map(URI::create).toList(),
                jobId,
                rate,
                lasting,
                columns > 0,
                columns),
            out());
    CountDownLatch done = new CountDownLatch(1);
    AtomicBoolean failed = new AtomicBoolean();
    Thread onSignal = new Thread(() -> endCleanly(run, done, failed), "stop-signal");
    Runtime.getRuntime().addShutdownHook(onSignal);
    try (Flights flights = Flights.open(data)) {
      return run.run(events(flights)) ? 0 : STOPPED_BY_OTHERS;
    } catch (IOException e) {
      // Printed here: after a signal no other code can print it.
      err().println("sluice feed: " + e.getMessage());
      failed.set(true);
      return 1;
    } finally {
      done.countDown();
    }
  }

  /** A signal has begun the JVM's end: lets the run finish, then ends with 0 in place of 143. */
  private static void endCleanly(DemoRun run, CountDownLatch done, AtomicBoolean failed) {
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
