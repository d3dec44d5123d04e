package dev.sluice.tool.guard;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.stop.StopPolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the guard answers to those who ask how it is. */
final class GuardStatus {

  /** One poll takes up to half of it, with several slow JobManagers. */
  static final Duration STANDSTILL = Duration.ofMinutes(3);

  /** An older observation says nothing about the current state. */
  private static final Duration STALE = Duration.ofSeconds(45);

  private static final String COMMITTED = "committed";

  private final StopPolicy policy;
  private final Guard guard;
  private final JobPoll poll;
  private final Rehearsals rehearsals;
  private final Clock clock;
  private final Instant startedAt;

  GuardStatus(StopPolicy policy, Guard guard, JobPoll poll, Rehearsals rehearsals, Clock clock) {
    this.policy = policy;
    this.guard = guard;
    this.poll = poll;
    this.rehearsals = rehearsals;
    this.clock = clock;
    this.startedAt = clock.instant();
  }

  /**
   * Why the guard itself should be started again; null if it works. Whatever the state of Flink and
   * Kafka, restarting the guard would repair nothing there: what they do is {@link
   * #unreadiness()}'s.
   */
  @Nullable String sickness() {
    return guard.isStopping() || poll.sinceLook().compareTo(STANDSTILL) < 0
        ? null
        : "the guard has not checked the job for %s s".formatted(poll.sinceLook().toSeconds());
  }

  /** The run of the job that this guard could stop now, or stops; null if there is none. */
  ObservedJob.@Nullable Run stoppable() {
    ObservedJob sight = poll.last();
    return sight != null && unreadiness() == null ? sight.running() : null;
  }

  /** Why the job can't be stopped well now; null if it can, or if it is being stopped. */
  @Nullable String unreadiness() {
    ObservedJob sight = poll.last();
    if (guard.isStopping()) {
      return null;
    }
    if (sight == null) {
      return "the job has not been checked yet";
    }
    if (poll.sinceLook().compareTo(STALE) > 0) {
      return "Flink has not answered for %s s".formatted(poll.sinceLook().toSeconds());
    }
    if (sight.isRunning()) {
      return rehearsals.refusal();
    }
    return sight.id() == null
        ? "" + sight.problem()
        : "the job %s is %s".formatted(policy.job(), sight.state());
  }

  /** The job's name or id, as given to the guard. */
  String job() {
    return policy.job();
  }

  /** A short answer for orchestrators. */
  Map<String, Object> health(@Nullable String reason) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("status", reason == null ? "ok" : "unavailable");
    if (reason != null) {
      json.put("reason", reason);
    }
    ObservedJob sight = poll.last();
    json.put("job", policy.job());
    json.put("jobState", sight == null || sight.state() == null ? "UNKNOWN" : sight.state());
    json.put("stopping", guard.isStopping());
    return json;
  }

  /** All that the page shows. */
  Map<String, Object> full() {
    Instant now = clock.instant();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("now", now.toString());
    json.put("guard", Map.of("startedAt", startedAt.toString()));
    json.put("job", job(now));
    Map<String, Object> plan = new LinkedHashMap<>();
    plan.put("graceMs", policy.grace().toMillis());
    plan.put("onTimeout", policy.onTimeout().code());
    plan.put("savepointDirectory", policy.savepointDirectory());
    json.put("policy", plan);
    json.put("rehearsal", rehearsal());
    StopProgress stop = guard.stop();
    json.put("stop", stop == null ? null : stop.json(now));
    json.put("receipt", stop == null ? null : receipt(stop.end()));
    return json;
  }

  private @Nullable Map<String, Object> rehearsal() {
    Rehearsals.Verdict last = rehearsals.last();
    return last == null
        ? null
        : Map.of("at", last.at().toString(), "good", last.good(), "text", last.text());
  }

  private Map<String, Object> job(Instant now) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", policy.job());
    ObservedJob sight = poll.last();
    if (sight == null) {
      return json;
    }
    json.put("id", sight.id());
    json.put("state", sight.state());
    json.put("running", sight.isRunning());
    json.put("answered", sight.answered());
    json.put("sourceLag", sight.sourceLag());
    json.put("recordsPerSecond", sight.recordsPerSecond());
    json.put("checkpointId", sight.checkpointId());
    Instant checkpoint = sight.checkpointAt();
    json.put(
        "checkpointAgeMs",
        checkpoint == null ? null : Duration.between(checkpoint, now).toMillis());
    json.put("problem", sight.problem());
    return json;
  }

  /** The part of a receipt that the page shows. */
  private static @Nullable Map<String, Object> receipt(@Nullable StopEnd end) {
    Receipt receipt = end == null ? null : end.result().receipt();
    if (end == null || receipt == null) {
      return null;
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("outcome", receipt.outcome().code());
    json.put("endedAt", receipt.endedAt().toString());
    json.put(
        "file", end.result().receiptFile() == null ? null : end.result().receiptFile().toString());
    Receipt.Snapshot snapshot = receipt.snapshot();
    if (snapshot != null) {
      json.put("kind", snapshot.kind());
      json.put("uri", snapshot.uri());
      json.put("bytes", snapshot.bytes());
      json.put("files", snapshot.files().size());
    }
    Receipt.Models models = receipt.models();
    if (models != null) {
      json.put("keys", models.keys());
      json.put("updates", models.updates());
      json.put("pending", models.pendingObservations());
    }
    json.put("transactions", receipt.transactions().size());
    json.put(
        "committed",
        receipt.transactions().stream().filter(each -> each.fate().equals(COMMITTED)).count());
    json.put("problems", receipt.problems());
    json.put("warnings", receipt.warnings());
    json.put("notProved", receipt.notProved());
    Receipt.Resume resume = receipt.resume();
    if (resume != null) {
      json.put("resume", resume.command());
      json.put("flinkResume", resume.flinkCommand());
    }
    return json;
  }
}
