package dev.sluice.ops.broker;

import dev.sluice.kafka.OpenTransactions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;

/**
 * How far the writers of a job's sink have come, seen from the transactional ids that the brokers
 * know. A KafkaSink that names its transactions by checkpoints has each writer take the id of
 * number n + 1 when checkpoint n is made, and tell the brokers at once, whether or not there is
 * anything to write. Whoever goes on from checkpoint n takes that id once more, which gives it the
 * next epoch, and the one after it at its first checkpoint. So a job that writes nothing, and one
 * that is looked at between two transactions, are seen by their ids. The first subtask is there at
 * any parallelism.
 */
public final class SinkWriters {

  private static final int FIRST = 0;

  private final Admin admin;
  private final Question question;
  private final String prefix;
  private final Duration patience;

  SinkWriters(Admin admin, Question question, String prefix, Duration patience) {
    this.admin = admin;
    this.question = question;
    this.prefix = prefix;
    this.patience = patience;
  }

  /**
   * Whether a job has gone on since a checkpoint. A yes may be of one that was tried again
   * meanwhile; a no is none only if the ids were not taken by checkpoints of that number before.
   */
  public boolean haveGoneOnSince(long checkpoint) throws IOException, InterruptedException {
    Optional<TransactionDescription> later = describe(checkpoint + 2);
    if (later.isPresent()) {
      return true;
    }
    Optional<TransactionDescription> next = describe(checkpoint + 1);
    if (next.isPresent()) {
      return next.get().producerEpoch() > 0;
    }
    OptionalLong newest = newest(); // Brokers forget ids that were not used for days.
    return newest.isPresent() && newest.getAsLong() > checkpoint;
  }

  /** The highest number of an id; empty if the brokers know none. */
  public OptionalLong newest() throws IOException, InterruptedException {
    try {
      return new OpenTransactions(admin, prefix, patience).newestNumber(FIRST);
    } catch (ExecutionException | TimeoutException e) {
      throw question.failure(
          "which transactional ids of prefix (%s) there are".formatted(prefix), e);
    }
  }

  /** Whether the brokers know the id of this number. */
  public boolean isKnown(long number) throws IOException, InterruptedException {
    return describe(number).isPresent();
  }

  /** The id of this number. */
  public String id(long number) {
    return "%s-%s-%s".formatted(prefix, FIRST, number);
  }

  private Optional<TransactionDescription> describe(long number)
      throws IOException, InterruptedException {
    String id = id(number);
    try {
      return Optional.of(
          question.ask(
              "what transaction (%s) is at".formatted(id),
              admin.describeTransactions(List.of(id)).description(id)));
    } catch (Failure e) {
      if (e.reason() instanceof TransactionalIdNotFoundException) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
