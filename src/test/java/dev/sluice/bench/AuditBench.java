package dev.sluice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.codec.Headers;
import dev.sluice.event.Origin;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.tool.audit.Audit;
import dev.sluice.tool.audit.AuditReport;
import dev.sluice.tool.audit.AuditedJob;
import dev.sluice.tool.audit.Bounds;
import dev.sluice.tool.services.ToolServices;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * How fast an audit reads, and what it keeps in memory, on a local cluster of its own: inputs of
 * 150 bytes and answers of 200, in a shuffled order within each thousand.
 *
 * <p>{@code mvn -q test-compile exec:java -Dexec.mainClass=dev.sluice.bench.AuditBench
 * -Dexec.classpathScope=test [-Dexec.args="EVENTS RUNS"]}, after {@code mvn package}.
 */
public final class AuditBench {

  private static final int PARTITIONS = 4;
  private static final int IN_TRANSACTION = 20_000;
  private static final int SHUFFLED = 1_000;

  private final LocalCluster cluster;
  private final JobTopics topics;
  private final long events;

  private AuditBench(LocalCluster cluster, long events) throws Exception {
    this.cluster = cluster;
    this.topics = JobTopics.named("audit-bench").create(cluster.bootstrapServers(), PARTITIONS);
    this.events = events;
  }

  /** Runs it: how many events (3,000,000), how many audits of them (3). */
  public static void main(String[] args) throws Exception {
    long events = args.length > 0 ? Long.parseLong(args[0]) : 3_000_000;
    int runs = args.length > 1 ? Integer.parseInt(args[1]) : 3;
    Path directory = Path.of("target", "bench-cluster");
    try (LocalCluster cluster =
        LocalCluster.startEmpty(directory, LocalCluster.firstTestOffset() + 800, 1, 1)) {
      AuditBench bench = new AuditBench(cluster, events);
      bench.fill();
      for (int run = 0; run < runs; run++) {
        bench.audit();
      }
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // commit and close report it
  private void fill() {
    Random random = new Random(1);
    byte[] input = ("{\"type\":\"observation\"," + "x".repeat(128)).getBytes(UTF_8);
    byte[] answer = new byte[200];
    try (KafkaProducer<byte[], byte[]> inputs = producer(cluster.kafkaClient());
        KafkaProducer<byte[], byte[]> answers = producer(transactional())) {
      answers.initTransactions();
      for (long n = 0; n < events; n += SHUFFLED) {
        if (n % IN_TRANSACTION == 0) {
          if (n > 0) {
            answers.commitTransaction();
          }
          answers.beginTransaction();
        }
        long turn = random.nextInt(SHUFFLED);
        for (long i = 0; i < SHUFFLED; i++) {
          int partition = (int) (n / SHUFFLED % PARTITIONS);
          inputs.send(new ProducerRecord<>(topics.events(), partition, null, input));
          long offset = n / SHUFFLED / PARTITIONS * SHUFFLED + (i * 7 + turn) % SHUFFLED;
          ProducerRecord<byte[], byte[]> record =
              new ProducerRecord<>(topics.predictions(), (int) (i % PARTITIONS), null, answer);
          record
              .headers()
              .add(
                  Headers.ORIGIN,
                  Headers.originBytes(new Origin(topics.events(), partition, offset)));
          answers.send(record);
        }
      }
      answers.commitTransaction();
    }
  }

  private void audit() throws Exception {
    SortedMap<Partition, Long> to = new TreeMap<>();
    for (int p = 0; p < PARTITIONS; p++) {
      to.put(new Partition(topics.events(), p), Long.MAX_VALUE);
    }
    AuditedJob job =
        new AuditedJob(
            cluster.kafkaClient(),
            "bench",
            "bench",
            List.of(topics.events()),
            true,
            topics.outputs(),
            topics.deferred(),
            false,
            null);
    Audit audit =
        new Audit(
            ToolServices.real(),
            job,
            Bounds.ofSnapshot(to, new OriginSet()),
            Duration.ofSeconds(30),
            10);
    long began = System.nanoTime();
    AuditReport report = audit.run((phase, done, all) -> {});
    double seconds = (System.nanoTime() - began) / 1e9;
    long records =
        report.tally().inputs() + report.records().values().stream().mapToLong(n -> n).sum();
    System.out.printf(
        Locale.ROOT,
        "%,d records in %.2f s: %,.0f records/s; damage: %s; heap after the last collection %,d kB%n",
        records,
        seconds,
        records / seconds,
        report.findings(),
        heapAfterCollection() >> 10);
  }

  /** What survived the last garbage collection of each part of the heap. */
  private static long heapAfterCollection() {
    long used = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      MemoryUsage after = pool.getCollectionUsage();
      if (pool.getType() == MemoryType.HEAP && after != null) {
        used += after.getUsed();
      }
    }
    return used;
  }

  private Properties transactional() {
    Properties properties = cluster.kafkaClient();
    properties.put("transactional.id", "bench-0-1");
    return properties;
  }

  private static KafkaProducer<byte[], byte[]> producer(Properties properties) {
    properties.put("linger.ms", 20);
    properties.put("batch.size", 1 << 18);
    properties.put("compression.type", "lz4");
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
