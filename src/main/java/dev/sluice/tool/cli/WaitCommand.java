package dev.sluice.tool.cli;

import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.stop.Awaited;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Waits for a job. */
@Command(
    name = "wait",
    preprocessor = SettingFlags.class,
    header = "Waits until a job runs, has a checkpoint, is over, or its stop has a receipt.",
    exitCodeList = {
      "0:it has come",
      "1:the answer makes no sense",
      "2:wrong usage",
      "4:not within --timeout",
      "9:it can not come any more",
      "10:Flink did not answer, or did not know the job, within --timeout; for a stop it is 0 or 9 once Flink has not known the job for 60 s"
    },
    footer = {"", "Example:", "  sluice wait sluice --for checkpoint"})
final class WaitCommand extends Verb {

  @Mixin Connection connection = new Connection();

  @Parameters(paramLabel = "JOB", description = "The job's name in Flink, or its id.")
  String job = "";

  @Option(
      names = "--for",
      paramLabel = "WHAT",
      required = true,
      converter = AwaitedConverter.class,
      completionCandidates = AwaitedWords.class,
      description = "running, checkpoint, over, or stopped: the journal has the receipt.")
  Awaited awaited = Awaited.RUNNING;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "5m",
      converter = DurationConverter.class,
      description = "How long to wait (default: ${DEFAULT-VALUE}).")
  Duration timeout = Duration.ofMinutes(5);

  /** As they are typed, for the completion. */
  static final class AwaitedWords implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Awaited.values()).map(Awaited::code).iterator();
    }
  }

  /** Reads what to wait for. */
  static final class AwaitedConverter implements ITypeConverter<Awaited> {
    @Override
    public Awaited convert(String text) {
      for (Awaited each : Awaited.values()) {
        if (each.code().equals(text)) {
          return each;
        }
      }
      throw new TypeConversionException(
          "it must be running, checkpoint, over or stopped, but is (" + text + ")");
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Awaited.Result result =
        awaited.await(
            connection.services(),
            connection.cluster.addresses(System.getenv()),
            job,
            connection.cluster.journal(System.getenv()),
            timeout);
    ExitCode code =
        switch (result.end()) {
          case REACHED -> ExitCode.DONE;
          case LATE -> ExitCode.NOT_KNOWN;
          case NEVER -> ExitCode.OTHERWISE;
          case UNANSWERED -> ExitCode.NO_ANSWER;
        };
    String text =
        code == ExitCode.NO_ANSWER ? RefusalCode.NO_ANSWER.in(result.text()) : result.text();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("exitCode", code.number());
    all.put("text", text);
    OutputForm.putCodes(all, text);
    all.put("state", result.state());
    return print(code, all, text + ".\n");
  }
}
