package dev.sluice.tool.stop;

import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.broker.LiveTransaction;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The transactions that are open under a prefix: how old they are, whose, and which savepoint names
 * them. One that a savepoint names is committed by the resume from it; one that it does not name
 * holds answers that the resume gives again.
 */
public final class PrefixTransactions {

  private final String owner;
  private final List<ReceiptFolder.Kept> receipts;

  private PrefixTransactions(String owner, List<ReceiptFolder.Kept> receipts) {
    this.owner = owner;
    this.receipts = List.copyOf(receipts);
  }

  /**
   * Describes them.
   *
   * @param open those that the brokers report
   * @param prefix of their names
   * @param flink null if none is named
   * @param now when they were asked
   * @return for programs, the oldest first
   */
  public static List<Map<String, Object>> of(
      List<LiveTransaction> open,
      String prefix,
      @Nullable JobManager flink,
      Path journal,
      Instant now)
      throws IOException, InterruptedException {
    PrefixTransactions all =
        new PrefixTransactions(owner(prefix, flink), ReceiptFolder.read(journal).kept());
    List<LiveTransaction> sorted = new ArrayList<>(open);
    sorted.sort(
        Comparator.comparingLong(LiveTransaction::sinceMs)
            .thenComparing(LiveTransaction::transactionalId));
    return sorted.stream().map(one -> all.row(one, now)).toList();
  }

  /** What runs with the prefix, in words. */
  private static String owner(String prefix, @Nullable JobManager flink)
      throws InterruptedException {
    if (flink == null) {
      return "not known: no JobManager is named to ask; --rest URL names one";
    }
    try {
      for (JobOverview job : flink.jobs()) {
        if (!job.isOver()) {
          SortedMap<String, String> settings = flink.settings(job.id());
          if (PublishedSettings.isOfSluice(settings)
              && PublishedSettings.transactionalIdPrefix(settings).equals(prefix)) {
            return "job (%s), %s, which is %s".formatted(job.name(), job.id(), job.state());
          }
        }
      }
      return "no job that this Flink knows";
    } catch (IOException e) {
      return "not known: " + e.getMessage();
    }
  }

  private Map<String, Object> row(LiveTransaction one, Instant now) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("transactionalId", one.transactionalId());
    row.put("producerId", one.producerId());
    row.put("epoch", one.epoch());
    boolean dated = one.sinceMs() >= 0;
    Instant since = Instant.ofEpochMilli(Math.max(0, one.sinceMs()));
    row.put("since", dated ? since.toString() : null);
    row.put("ageSeconds", dated ? Duration.between(since, now).toSeconds() : null);
    row.put("state", one.ongoing() ? "open" : "ending");
    row.put("partitions", one.partitions().stream().map(Object::toString).sorted().toList());
    row.put("owner", owner);
    row.put("savepoint", savepoint(one));
    return row;
  }

  /** The savepoint of a receipt that names it. */
  private @Nullable String savepoint(LiveTransaction one) {
    for (ReceiptFolder.Kept kept : receipts) {
      for (Receipt.Transaction named : kept.receipt().transactions()) {
        if (named.transactionalId().equals(one.transactionalId())
            && named.producerId() == one.producerId()
            && named.epoch() == one.epoch()
            && kept.receipt().snapshot() != null) {
          return kept.receipt().snapshot().uri();
        }
      }
    }
    return null;
  }
}
