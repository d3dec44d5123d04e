package dev.sluice.tool.cli;

import dev.sluice.tool.guard.GuardProcess;
import dev.sluice.tool.guard.GuardSettings;
import dev.sluice.tool.guard.GuardedJob;
import dev.sluice.tool.guard.Listen;
import dev.sluice.tool.guard.Signals;
import dev.sluice.tool.guard.TokenFile;
import dev.sluice.tool.stop.StopPolicy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs alongside a job and stops it when a signal comes. */
@Command(
    name = "guard",
    preprocessor = SettingFlags.class,
    header =
        "Watches a job; SIGTERM or SIGINT stops it as 'sluice stop' does, then the guard ends.",
    description = {
      "SIGHUP, or --detach, ends the guard without a stop. So does SIGTERM if another guard with the",
      "same --journal is ready to stop the job: start the next one first, then end this one."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes, those of the stop but 8:%n",
    exitCodeList = {
      "0:stopped and proved; --detach: the guard at --listen has left",
      "1:error, nothing changed",
      "3:stopped by escalation, resumable from a checkpoint",
      "4:timed out, job still running or not known; --detach: not known",
      "5:stopped, proof failed",
      "6:savepoint good, job failed while stopping",
      "8:it left, and the job runs on",
      "10:Flink, the brokers or the guard to detach do not answer, nothing changed: try again"
    },
    footer = {
      "",
      "Serves a status page at /, /healthz, /readyz, /metrics; POST /stop and /detach with --token-file.",
      "Kill the guard no earlier than --grace plus 90 s.",
      "Examples:",
      "  sluice guard sluice --savepointPath s3://savepoints --grace 2m --on-timeout checkpoint",
      "  sluice guard sluice --detach --token-file token"
    })
final class GuardCommand extends Verb {

  @Mixin StopOptions options = new StopOptions();
  @Mixin Console console = new Console();

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8090",
      description = "Where to serve HTTP; port 0 is any free one (default: ${DEFAULT-VALUE}).")
  String listen = "";

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Token for POST /stop, /detach, pages off loopback; read at each use.")
  @Nullable Path tokenFile;

  @Option(
      names = "--webhook",
      paramLabel = "URL",
      description = "Post each event of a stop here, as JSON.")
  @Nullable URI webhook;

  @Option(
      names = "--webhook-token-file",
      paramLabel = "FILE",
      description = "Holds a token to send along, as Bearer.")
  @Nullable Path webhookTokenFile;

  @Option(
      names = "--on-step",
      paramLabel = "COMMAND",
      description =
          "Run sh -c COMMAND after each step, with SLUICE_STEP, SLUICE_RESULT, SLUICE_TEXT.")
  @Nullable String onStep;

  @Option(
      names = "--on-step-limit",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = DurationConverter.class,
      description = "After which it is killed (default: ${DEFAULT-VALUE}).")
  Duration onStepLimit = Duration.ofSeconds(30);

  @Option(
      names = "--trail",
      paramLabel = "FILE",
      description = "Append each event of a stop as a line of JSON.")
  @Nullable Path trail;

  @Option(
      names = "--detach",
      description = "End the guard at --listen, by --token-file; the job runs on.")
  boolean detach;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (detach) {
      return detach();
    }
    StopPolicy policy = options.policy(false);
    GuardSettings settings = settings();
    try (GuardedJob job = new GuardedJob(options.connection.services(), policy);
        GuardProcess guard = GuardProcess.start(settings, job, err())) {
      Signals.take(guard::signalled, Signals.STOPPING);
      Signals.take(guard::signalled, List.of(Signals.DETACHING));
      guard.watch();
      out().println("Guarding %s; status page %s".formatted(policy.job(), guard.address()));
      return guard.await();
    }
  }

  private int detach() throws IOException, InterruptedException {
    Path tokens = tokenFile;
    if (tokens == null) {
      throw misused("--detach needs --token-file; a guard without a token leaves on SIGHUP");
    }
    Listen where = listen();
    if (!where.isLoopback()) {
      err()
          .println(
              ("sluice guard: the token goes to %s in plain HTTP, where others on the network can read it: run "
                      + "this command on that machine, or through a tunnel")
                  .formatted(where.host()));
    }
    Detachment.Answer answer =
        new Detachment(where, options.job, options.connection.services().time())
            .run(tokens(tokens).get(0));
    out().println(answer.text() + ".");
    return (answer.gone() ? ExitCode.DONE : ExitCode.NOT_KNOWN).number();
  }

  private GuardSettings settings() throws IOException {
    Listen where = listen();
    for (Path file : Arrays.asList(tokenFile, webhookTokenFile)) {
      if (file != null) {
        tokens(file);
      }
    }
    require(
        tokenFile != null || where.isLoopback(),
        "--listen (%s) can be reached from other machines: it needs --token-file"
            .formatted(listen));
    return new GuardSettings(
        where,
        tokenFile,
        webhook == null ? null : webhook(webhook),
        webhookTokenFile,
        onStep,
        onStepLimit,
        trail);
  }

  private Listen listen() {
    try {
      return Listen.parse(listen);
    } catch (IllegalArgumentException e) {
      throw misused("--listen: " + e.getMessage());
    }
  }

  private URI webhook(URI address) {
    boolean https = "https".equals(address.getScheme());
    require(
        address.getHost() != null
            && address.getUserInfo() == null
            && (https || "http".equals(address.getScheme())),
        "--webhook must be an http or https address without user and password");
    require(
        webhookTokenFile == null || https || new Listen(address.getHost(), 0).isLoopback(),
        "--webhook (http://%s/…) would show the token to the network: use https"
            .formatted(address.getHost()));
    return address;
  }

  private List<String> tokens(Path file) throws IOException {
    try {
      return TokenFile.read(file);
    } catch (IllegalArgumentException e) {
      throw misused("" + e.getMessage());
    }
  }
}
