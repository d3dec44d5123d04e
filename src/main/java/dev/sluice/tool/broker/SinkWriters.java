package dev.sluice.tool.broker;

import dev.sluice.kafka.OpenTransactions;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTransactionsResult;
import org.apache.kafka.clients.admin.TransactionDescription;

/**
 * How far the writers of a job's sink have come, seen from the transactional ids that the brokers
 * know. A KafkaSink that names its transactions by checkpoints has each writer take the id of
 * number n + 1 when checkpoint n is made, and register it with the brokers at once, whether or not
 * there is anything to write. A job that continues from checkpoint n takes that id once more, which
 * gives it the next epoch, and the one after it at its first checkpoint. So a job that writes
 * nothing, and one that is queried between two transactions, are found by their ids. The first
 * subtask is there at any parallelism.
 */
public final class SinkWriters {

  private static final int FIRST = 0;

  /** Ids of one question. */
  private static final int PORTION = 1_000;

  private final Admin admin;
  private final AdminCall question;
  private final String prefix;

  /**
   * Who took an id last.
   *
   * @param isAtRest whether its transaction is over or never began: the brokers end one that is
   *     open for too long by themselves, with another epoch
   */
  public record Taker(long producerId, int epoch, boolean isAtRest) {

    private static Taker of(TransactionDescription reported) {
      boolean atRest =
          switch (reported.state()) {
            case EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT -> true;
            default -> false;
          };
      return new Taker(reported.producerId(), reported.producerEpoch(), atRest);
    }
  }

  SinkWriters(Admin admin, AdminCall question, String prefix) {
    this.admin = admin;
    this.question = question;
    this.prefix = prefix;
  }

  /**
   * Whether a job has continued since a checkpoint. A yes may be of one that was tried again
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
      return new OpenTransactions(admin, prefix, question.patience()).newestNumber(FIRST);
    } catch (ExecutionException | TimeoutException e) {
      throw question.failure(
          "which transactional ids of prefix (%s) there are".formatted(prefix), e);
    }
  }

  /**
   * Who took the ids of these numbers last; there may be many thousands.
   *
   * @return by number, as the brokers report it; numbers whose id they do not know are left out
   */
  public SortedMap<Long, Taker> taken(Collection<Long> numbers)
      throws IOException, InterruptedException {
    List<Long> all = List.copyOf(numbers);
    SortedMap<Long, Taker> taken = new TreeMap<>();
    for (int begin = 0; begin < all.size(); begin += PORTION) {
      List<Long> portion = all.subList(begin, Math.min(all.size(), begin + PORTION));
      DescribeTransactionsResult reported =
          admin.describeTransactions(portion.stream().map(this::id).toList());
      for (long number : portion) {
        String id = id(number);
        question
            .known(what(id), reported.description(id))
            .ifPresent(found -> taken.put(number, Taker.of(found)));
      }
    }
    return taken;
  }

  public String id(long number) {
    return "%s-%s-%s".formatted(prefix, FIRST, number);
  }

  private static String what(String id) {
    return "what transaction (%s) is at".formatted(id);
  }

  private Optional<TransactionDescription> describe(long number)
      throws IOException, InterruptedException {
    String id = id(number);
    return question.known(what(id), admin.describeTransactions(List.of(id)).description(id));
  }
}
