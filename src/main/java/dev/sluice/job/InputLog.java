package dev.sluice.job;

import dev.sluice.kafka.TopicOffsets;
import dev.sluice.ledger.Partition;
import java.io.Closeable;
import java.time.Duration;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/**
 * What the brokers say of the input topics.
 *
 * @param beginnings asks for every partition that there is now, and the first offset in each that
 *     was not deleted yet
 * @param client closed with the source
 */
record InputLog(Callable<SortedMap<Partition, Long>> beginnings, Closeable client) {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration CLOSE = Duration.ofSeconds(1);

  static InputLog of(WatchedSource.Inputs inputs) {
    Admin admin = Admin.create(inputs.client());
    TopicOffsets offsets = new TopicOffsets(admin);
    return new InputLog(
        () -> offsets.beginnings(inputs.topics()).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS),
        () -> admin.close(CLOSE));
  }
}
