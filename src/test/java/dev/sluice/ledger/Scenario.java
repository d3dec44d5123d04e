package dev.sluice.ledger;

import dev.sluice.event.Origin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What is fixed for one simulated case; everything follows from the seed.
 *
 * @param flaw what the job does wrong
 * @param random the only source of chance
 * @param inputs the whole input, by partition
 * @param outputs the number of output partitions
 * @param chances how often accidents happen
 * @param limits how long a transaction and a checkpoint may last, in steps; without them time plays
 *     no part
 * @param asBytes whether what the fence stores goes through its serializers
 */
record Scenario(
    Flaw flaw,
    Random random,
    List<List<Input>> inputs,
    int outputs,
    Chances chances,
    TransactionDeadline.@Nullable Limits limits,
    boolean asBytes) {

  /**
   * Each out of a thousand.
   *
   * @param kill a step is the attempt's last
   * @param expire in a step an open transaction expires
   * @param discard a checkpoint that all have acknowledged is thrown away
   * @param overlook a query of an output partition's end shows nothing new
   * @param forget in a step the broker forgets the names of all transactions that have ended
   */
  record Chances(int kill, int expire, int discard, int overlook, int forget) {}

  static Scenario of(long seed, Flaw flaw) {
    Random random = new Random(seed * 0x9E3779B97F4A7C15L);
    List<List<Input>> inputs = new ArrayList<>();
    int partitions = 1 + random.nextInt(3);
    int keys = 1 + random.nextInt(8);
    for (int p = 0; p < partitions; p++) {
      inputs.add(partition(p, keys, random));
    }
    Chances chances =
        new Chances(
            1 + random.nextInt(15),
            random.nextBoolean() ? 0 : 1 + random.nextInt(10),
            random.nextBoolean() ? 0 : random.nextInt(600),
            random.nextBoolean() ? 0 : random.nextInt(900),
            random.nextInt(20));
    return new Scenario(
        flaw, random, inputs, 1 + random.nextInt(4), chances, limits(random), seed % 8 == 0);
  }

  private static TransactionDeadline.@Nullable Limits limits(Random random) {
    if (random.nextBoolean()) {
      return null;
    }
    int checkpoint = 20 + random.nextInt(150);
    int transaction = 100 + checkpoint + random.nextInt(300);
    return new TransactionDeadline.Limits(
        Duration.ofMillis(transaction), Duration.ofMillis(checkpoint));
  }

  /** Some partitions begin just below 2^32, where a set of offsets gets its second bitmap. */
  private static List<Input> partition(int partition, int keys, Random random) {
    long first = random.nextInt(3) > 0 ? random.nextInt(3) : (1L << 32) - 3;
    int size = 3 + random.nextInt(12);
    List<Input> inputs = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      Origin origin = new Origin("events", partition, first + i);
      inputs.add(new Input(origin, random.nextInt(keys), random.nextInt(3) == 0));
    }
    return inputs;
  }

  boolean has(Flaw other) {
    return flaw == other;
  }

  boolean happens(int inThousand) {
    return random.nextInt(1000) < inThousand;
  }

  int outputOf(Input input) {
    return input.key() % outputs;
  }
}
