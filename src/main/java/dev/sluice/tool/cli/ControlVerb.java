package dev.sluice.tool.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.event.OutputTopic;
import dev.sluice.settings.JobSettings;
import dev.sluice.tool.control.ControlRequest;
import dev.sluice.tool.control.ControlTopic;
import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sends one command to the job and shows its answer. */
@Command(
    preprocessor = SettingFlags.class,
    exitCodeList = {
      "0:accepted",
      "1:rejected",
      "4:no answer in time",
      "10:the brokers do not answer: try again"
    })
abstract class ControlVerb extends Verb {

  @Mixin Connection connection = new Connection();
  @Mixin OutputForm output = new OutputForm();

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "The job carries out each id once (default: a random one).")
  @Nullable String id;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "30s",
      description = "How long to wait for the answer (default: ${DEFAULT-VALUE}).")
  Duration timeout = Duration.ofSeconds(30);

  @Option(
      names = "--control",
      paramLabel = "TOPIC",
      description = "Where commands go (default: sluice.control).")
  @Nullable String control;

  @Option(
      names = "--control-log",
      paramLabel = "TOPIC",
      description = "Where the job answers (default: sluice.control-log).")
  @Nullable String log;

  /** The id given, or a new one. */
  String id() {
    require(id == null || !id.isBlank(), "--id must not be empty");
    return id == null ? connection.services().ids().get() : id;
  }

  /** A key as it was given, null for every key. */
  @Nullable String key(@Nullable String key) {
    require(key == null || !key.isEmpty(), "--key must not be empty; leave it out for every key");
    return key;
  }

  abstract ControlRequest request() throws IOException;

  @Override
  public final Integer call() throws IOException, InterruptedException {
    ControlRequest request = request();
    JobSettings job = connection.job.settings();
    ControlTopic topic =
        new ControlTopic(
            connection.client(job.kafka().clientProperties()),
            control == null ? job.topics().control() : control,
            log == null
                ? job.topics().outputs().getOrDefault(OutputTopic.CONTROL_LOG, "sluice.control-log")
                : log);
    ControlTopic.Sent sent = topic.send(request, timeout);
    ControlTopic.Answer answer = sent.answer().orElse(null);
    if (output.isJson()) {
      output.print(out(), json(request, sent));
    } else if (answer != null) {
      out().println(text(request, answer));
    }
    if (answer == null) {
      complain(request, sent);
      return ExitCode.NOT_KNOWN.number();
    }
    return (answer.accepted() ? ExitCode.DONE : ExitCode.REFUSED).number();
  }

  private static String text(ControlRequest request, ControlTopic.Answer answer) {
    String verdict =
        answer.accepted()
            ? "Accepted"
            : RefusalCode.CONTROL_REJECTED.in(
                "Rejected, and nothing has changed: "
                    + (answer.reason() == null ? "no reason given" : answer.reason()));
    return "%s: %s%s (id %s)"
        .formatted(
            request.command(),
            verdict,
            answer.repeated() ? "; this id was answered before, nothing was done again" : "",
            request.id());
  }

  private void complain(ControlRequest request, ControlTopic.Sent sent) {
    String seen =
        sent.why().isEmpty()
            ? "no answer within %s s".formatted(timeout.toSeconds())
            : "the command was written, but its answer can't be read: " + sent.why();
    err()
        .println(
            ("%s: %s. The command lies at %s, and a running job answers it with its next checkpoint. To see the "
                    + "answer, send it again with --id %s: it is carried out once")
                .formatted(spec.qualifiedName(), seen, sent.command(), request.id()));
  }

  private static Map<String, Object> json(ControlRequest request, ControlTopic.Sent sent) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("id", request.id());
    all.put("command", request.command());
    all.put("at", sent.command().toString());
    all.put("answered", sent.answer().isPresent());
    all.put(
        "answer",
        sent.answer().map(ControlTopic.Answer::json).orElse(JsonNodeFactory.instance.nullNode()));
    if (!sent.why().isEmpty()) {
      all.put("why", sent.why());
    }
    return all;
  }
}
