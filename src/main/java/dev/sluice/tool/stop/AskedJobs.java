package dev.sluice.tool.stop;

import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.Receipt.Resumption;
import dev.sluice.tool.receipt.Resumptions;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.flink.connector.base.DeliveryGuarantee;

/**
 * Finds recorded resumptions that never took place. A tool records that it is about to submit a job
 * to Flink, and may die before the request: that line is a question. Flink answers it if it knows
 * the job; if it does not, it may have forgotten it, so the brokers are asked whether a writer of
 * the job has continued since the snapshot. Only where neither knows a job was there none. Where
 * one of them is silent, or the job writes without transactions, it is not known, and the line
 * stays.
 */
public final class AskedJobs {

  /** A tool that has recorded its request may be about to send it. */
  static final Duration UNDER_WAY = Resumptions.UNDER_WAY;

  private final ToolServices services;
  private final JobManager flink;

  /**
   * @param rest Flink's addresses
   */
  public AskedJobs(ToolServices services, List<URI> rest) {
    this.services = services;
    this.flink = services.flink(rest);
  }

  /** How the brokers of a job are reached. */
  public interface Settings {

    /**
     * The job's settings.
     *
     * @throws IOException if they can't be found out
     */
    JobSettings read() throws IOException;
  }

  /** The receipt without the resumptions that never were. */
  public Receipt settled(Receipt receipt, Settings settings) throws InterruptedException {
    Receipt.Snapshot of = receipt.snapshot();
    return of == null
        ? receipt
        : receipt.resumedAs(settled(receipt.resumptions(), of.uri(), settings));
  }

  /** Those of a receipt without the ones that never were. */
  List<Resumption> settled(List<Resumption> all, String snapshot, Settings settings)
      throws InterruptedException {
    Instant before = services.time().now().minus(UNDER_WAY);
    List<Resumption> left = all;
    for (Resumption one : all) {
      if (one.state() == Resumption.State.ASKED
          && one.at().isBefore(before)
          && isUnknown(one.jobId())) {
        left = left.stream().filter(other -> !other.equals(one)).toList();
      }
    }
    return left.size() == all.size() || mayHaveGoneOn(snapshot, settings) ? all : left;
  }

  private boolean isUnknown(String jobId) throws InterruptedException {
    try {
      String unused = flink.state(jobId);
      return false;
    } catch (FlinkException e) {
      return e.isUnknown();
    } catch (IOException e) {
      return false;
    }
  }

  private boolean mayHaveGoneOn(String snapshot, Settings settings) throws InterruptedException {
    try {
      JobSettings job = settings.read();
      if (job.sink().guarantee() != DeliveryGuarantee.EXACTLY_ONCE) {
        return true;
      }
      long checkpoint = Snapshot.open(snapshot, ToolServices.ANSWER).checkpointId();
      try (Brokers brokers = services.brokers(job.kafka().clientProperties())) {
        return brokers.writers(job.sink().transactionalIdPrefix()).haveGoneOnSince(checkpoint);
      }
    } catch (IOException | UncheckedIOException | IllegalArgumentException | SettingsException e) {
      return true;
    }
  }
}
