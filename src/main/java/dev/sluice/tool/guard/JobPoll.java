package dev.sluice.tool.guard;

import dev.sluice.tool.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Polls the job and keeps what it has seen. Any thread may call it. */
final class JobPoll {

  private final GuardedJob job;
  private final Time time;
  private final GuardLog log;
  private volatile @Nullable ObservedJob last;
  private volatile @Nullable ObservedJob lastAnswer;
  private volatile @Nullable Instant lastRunningAt;
  private volatile Instant lookedAt;
  private volatile boolean guardEnds;

  JobPoll(GuardedJob job, Time time, GuardLog log) {
    this.job = job;
    this.time = time;
    this.log = log;
    this.lookedAt = time.now();
  }

  /** From now on, the guard waits for no other run. */
  void guardEnds() {
    guardEnds = true;
  }

  /** Polls once; never fails for want of an answer. */
  synchronized ObservedJob look() throws InterruptedException {
    ObservedJob now;
    try {
      now = job.look();
    } catch (RuntimeException e) {
      now = ObservedJob.unanswered(time.now(), "the job could not be checked: " + e);
    }
    lookedAt = time.now();
    ObservedJob before = last;
    last = now;
    if (now.answered()) {
      lastAnswer = now;
    }
    if (now.isRunning()) {
      lastRunningAt = now.at();
    }
    if (before == null || !Objects.equals(shown(before), shown(now))) {
      log.say(shown(now));
    }
    return now;
  }

  /** What of an observation is worth a line when it changes. */
  private String shown(ObservedJob seen) {
    if (seen.id() == null) {
      String waits = guardEnds ? "" : "waiting for the job: ";
      return (seen.answered() ? waits : "Flink can't be asked: ") + seen.problem();
    }
    String next = guardEnds ? ": the guard ends" : ": waiting for it to be submitted again";
    return "%s (%s) is %s%s"
        .formatted(job.name(), seen.id(), seen.state(), seen.isOver() ? next : "");
  }

  /** What was seen last; null before the first poll. */
  @Nullable ObservedJob last() {
    return last;
  }

  /** The last answer of the JobManager; null before the first. */
  @Nullable ObservedJob lastAnswer() {
    return lastAnswer;
  }

  /** When the job was last seen to run; null if it never was. */
  @Nullable Instant lastRunningAt() {
    return lastRunningAt;
  }

  /** The time since the end of the last poll, whatever its result. */
  Duration sinceLook() {
    return Duration.between(lookedAt, time.now());
  }
}
