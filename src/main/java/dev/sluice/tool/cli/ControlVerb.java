package dev.sluice.tool.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.event.OutputTopic;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.control.ControlRequest;
import dev.sluice.tool.control.ControlTopic;
import dev.sluice.tool.control.Listeners;
import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sends one command to the job and shows its answer. */
@Command(
    preprocessor = SettingFlags.class,
    exitCodeList = {
      "0:accepted",
      "1:rejected, or not one running job takes commands from the topic",
      "4:no answer in time",
      "10:Flink or the brokers do not answer: try again"
    })
abstract class ControlVerb extends Verb {

  private static final String BROKERS = "sluice.kafka.bootstrap-servers";
  private static final String ACCEPT = "--accept-no-job";
  private static final String LOG = "sluice.topics.control-log";

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

  @Option(
      names = "--accept-no-job",
      description = "Send it though no running job, or several, are seen to read TOPIC there.")
  boolean acceptNoJob;

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
    Map<String, String> settings = new HashMap<>(connection.job.all());
    JobSettings own = JobSettings.of(settings);
    String topic = control == null ? own.topics().control() : control;
    Listeners found = listeners(topic);
    only(found).ifPresent(job -> settings.putIfAbsent(BROKERS, job.servers()));
    Properties client =
        connection.client(JobSettings.of(settings).kafka().clientProperties(), settings.keySet());
    Listeners listeners = here(found, client);
    Optional<Listeners.Job> only = only(listeners);
    only.ifPresent(job -> sayOtherBrokers(job, client.getProperty("bootstrap.servers", "")));
    String answers = log(own, settings, only);
    ControlTopic.Sent sent = new ControlTopic(client, topic, answers).send(request, timeout);
    ControlTopic.Answer answer = sent.answer().orElse(null);
    if (output.isJson()) {
      output.print(out(), json(request, sent, listeners));
    } else if (answer != null) {
      out().println(text(request, answer, listeners, answers));
    }
    if (answer == null) {
      complain(request, sent, listeners);
      return ExitCode.NOT_KNOWN.number();
    }
    return (answer.accepted() ? ExitCode.DONE : ExitCode.REFUSED).number();
  }

  /** The jobs that take commands from the topic; none if that was accepted. */
  private Listeners listeners(String topic) throws IOException, InterruptedException {
    Listeners none = new Listeners(topic, List.of(), List.of());
    Optional<List<URI>> rest =
        acceptNoJob
            ? connection.cluster.addressesIfNamed()
            : Optional.of(connection.cluster.addresses());
    if (rest.isEmpty()) {
      return none;
    }
    Listeners found;
    try {
      found = Listeners.of(connection.services().flink(rest.get()), topic);
    } catch (IOException e) {
      if (acceptNoJob) {
        return none;
      }
      throw new IOException(
          ("which job takes commands from %s is not known, and nothing was sent: %s; --rest names"
                  + " another JobManager, and --accept-no-job sends it all the same")
              .formatted(topic, e.getMessage()),
          e);
    }
    return hasKnownCluster(found) ? found : required(found, List.of());
  }

  private static boolean hasKnownCluster(Listeners listeners) {
    return listeners.jobs().stream().anyMatch(job -> !job.kafkaClusterId().isEmpty());
  }

  private static Optional<Listeners.Job> only(Listeners listeners) {
    return listeners.jobs().size() == 1 ? Optional.of(listeners.jobs().get(0)) : Optional.empty();
  }

  /** Those of them that read the topic of the brokers that the command goes to. */
  private Listeners here(Listeners found, Properties client)
      throws IOException, InterruptedException {
    if (!hasKnownCluster(found)) {
      return found;
    }
    List<String> elsewhere = new ArrayList<>();
    try (Brokers brokers = connection.services().brokers(client)) {
      return required(found.at(brokers, elsewhere::add), elsewhere);
    }
  }

  private Listeners required(Listeners here, List<String> elsewhere) throws IOException {
    if (!acceptNoJob) {
      here.require(ACCEPT, String.join("; ", elsewhere));
    }
    return here;
  }

  /** They may be the same ones under another address, or of another cluster. */
  private void sayOtherBrokers(Listeners.Job job, String servers) {
    Map<String, String> asked = Map.of(BROKERS, servers);
    if (!PublishedSettings.servers(asked)
        .equals(PublishedSettings.servers(Map.of(BROKERS, job.servers())))) {
      output
          .console
          .progress(err())
          .accept(
              ("%s names other brokers than those that the command goes to (%s): if they are not"
                      + " the same ones, it does not hear it")
                  .formatted(job, servers));
    }
  }

  /** Where the answer is: what was given counts, then what the job publishes. */
  private String log(
      JobSettings own, Map<String, String> settings, Optional<Listeners.Job> listener) {
    if (log != null) {
      return log;
    }
    return listener.isPresent() && !settings.containsKey(LOG)
        ? listener.get().log()
        : own.topics().of(OutputTopic.CONTROL_LOG);
  }

  /** One record is the answer of one job, and names none. */
  private static String by(Listeners listeners, String answers) {
    return switch (listeners.jobs().size()) {
      case 0 -> "";
      case 1 -> " by " + listeners.shown();
      default ->
          ", as one job answered in %s (which one of %s is not known, nor whether the others did)"
              .formatted(answers, listeners.shown());
    };
  }

  private static String text(
      ControlRequest request, ControlTopic.Answer answer, Listeners listeners, String answers) {
    String by = by(listeners, answers);
    String unchanged =
        listeners.jobs().size() > 1 ? "that one has changed nothing" : "nothing has changed";
    String verdict =
        answer.accepted()
            ? "Accepted" + by
            : RefusalCode.CONTROL_REJECTED.in(
                "Rejected%s, and %s: %s"
                    .formatted(
                        by,
                        unchanged,
                        answer.reason() == null ? "no reason given" : answer.reason()));
    return "%s: %s%s (id %s)"
        .formatted(
            request.command(),
            verdict,
            answer.repeated() ? "; this id was answered before, nothing was done again" : "",
            request.id());
  }

  private void complain(ControlRequest request, ControlTopic.Sent sent, Listeners listeners) {
    String who = listeners.jobs().isEmpty() ? "a running job" : listeners.shown();
    who = listeners.jobs().size() > 1 ? "each of " + who : who;
    String seen =
        sent.why().isEmpty()
            ? "no answer within %s s".formatted(timeout.toSeconds())
            : "the command was written, but its answer can't be read: " + sent.why();
    err()
        .println(
            ("%s: %s. The command lies at %s, and %s answers it with its next checkpoint. To see"
                    + " the answer, send it again with --id %s: it is carried out once")
                .formatted(spec.qualifiedName(), seen, sent.command(), who, request.id()));
  }

  private static Map<String, Object> json(
      ControlRequest request, ControlTopic.Sent sent, Listeners listeners) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("id", request.id());
    all.put("command", request.command());
    all.put(
        "jobs",
        listeners.jobs().stream().map(job -> Map.of("id", job.id(), "name", job.name())).toList());
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
