package dev.sluice.bench.throughput;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sluice.bench.throughput.BenchOptions.FeatureKind;
import dev.sluice.bench.throughput.BenchOptions.Skew;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * The input: observations, and the outcome of each {@value #LAG} events after it (less for the
 * first 10,000 observations, which come in a row, and for the last). The same for the same
 * settings. The labels depend on the features, so there is something to learn. One event is a
 * millisecond after the one before.
 */
public final class BenchStream {

  /** Between an observation and its outcome, in events. */
  static final int LAG = 20_000;

  /** What an outcome says. */
  public static final List<String> LABELS = List.of("ontime", "late");

  private static final double DIGITS = 1e6;
  private static final int NUMBERS = 16;
  private static final int AIRPORTS = 200;

  /** Between an observation and its outcome, in observations, where not the whole lag is wanted. */
  private static final int SHORT = 1_000;

  private final BenchOptions.Stream shape;
  private final long firstMs;
  private final long firstPair;

  /** The key of the first observation, if each comes once and in order; -1 if they are drawn. */
  private final int inOrderFrom;

  private final Random random = new Random(20_261_130);

  /** By the rank of a key; empty for uniform. */
  private final double[] cumulative;

  /** Of the observations whose outcomes are to come: key, and whether the label is "late". */
  private final int[] keys;

  private final boolean[] late;
  private final long pairs;
  private long observed;
  private long concluded;

  /**
   * An event.
   *
   * @param pair the number of its pair, from 0
   * @param outcome whether it is the pair's outcome
   * @param timeMs its time, also of its Kafka record
   */
  public record Item(long pair, boolean outcome, byte[] key, byte[] value, long timeMs) {}

  /**
   * @param firstMs the time of the first event, epoch milliseconds
   */
  BenchStream(BenchOptions.Stream shape, long firstMs) {
    this(shape, firstMs, LAG / 2, 0, -1);
  }

  private BenchStream(
      BenchOptions.Stream shape, long firstMs, int most, long firstPair, int inOrderFrom) {
    this.shape = shape;
    this.firstMs = firstMs;
    this.firstPair = firstPair;
    this.inOrderFrom = inOrderFrom;
    this.pairs = shape.events() / 2;
    int waiting = (int) Math.min(most, pairs);
    this.keys = new int[waiting];
    this.late = new boolean[waiting];
    this.cumulative = shape.skew() == Skew.ZIPF ? cumulative(shape.keys()) : new double[0];
  }

  /**
   * One observation and one outcome of each key, in order, a thousand observations between them.
   *
   * @param first number of the first key
   * @param end number behind the last key
   * @param endMs behind the last event, epoch milliseconds: brokers refuse what is of the future
   */
  public static BenchStream ofEachKey(int first, int end, long endMs) {
    long events = 2L * (end - first);
    return new BenchStream(flights(events, end), endMs - events, SHORT, 0, first);
  }

  /**
   * Flights of keys that are drawn alike, a thousand observations between one and its outcome.
   *
   * @param firstPair the number of the first pair, so that no other stream has its ids
   */
  public static BenchStream ofAnyKey(int keys, long events, long firstPair, long firstMs) {
    return new BenchStream(flights(events, keys), firstMs, SHORT, firstPair, -1);
  }

  private static BenchOptions.Stream flights(long events, int keys) {
    return new BenchOptions.Stream(events, keys, Skew.UNIFORM, FeatureKind.FLIGHTS);
  }

  private static double[] cumulative(int keys) {
    double[] sums = new double[keys];
    double sum = 0;
    for (int i = 0; i < keys; i++) {
      sum += 1.0 / (i + 1);
      sums[i] = sum;
    }
    return sums;
  }

  /** Whether outcomes are left. */
  public boolean hasNext() {
    return concluded < pairs;
  }

  /** The next event. */
  public Item next() {
    boolean outcome = observed == pairs || observed - concluded == keys.length;
    return outcome ? outcome(concluded++) : observation(observed++);
  }

  private long nowMs() {
    return firstMs + observed + concluded;
  }

  private Item observation(long pair) {
    int key = inOrderFrom < 0 ? draw() : inOrderFrom + (int) pair;
    double[] numbers = new double[shape.features() == FeatureKind.FLIGHTS ? 3 : NUMBERS];
    double score = 0;
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Math.round(random.nextGaussian() * DIGITS) / DIGITS;
      score += numbers[i] * ((key + i) % 5 - 2);
    }
    int waiting = (int) (pair % keys.length);
    keys[waiting] = key;
    late[waiting] = random.nextDouble() < 1 / (1 + Math.exp(-score));
    StringBuilder json = head("observation", pair, key).append("\",\"features\":{");
    if (shape.features() == FeatureKind.FLIGHTS) {
      flight(json, numbers);
    } else {
      for (int i = 0; i < numbers.length; i++) {
        json.append(i == 0 ? "\"n" : ",\"n").append(i).append("\":").append(numbers[i]);
      }
    }
    return item(pair, false, key, json.append("}}"));
  }

  private void flight(StringBuilder json, double[] numbers) {
    int hour = random.nextInt(24);
    json.append("\"hour\":\"").append(hour < 10 ? "0" : "").append(hour);
    json.append("\",\"dow\":\"").append(1 + random.nextInt(7));
    json.append("\",\"logDistance\":").append(numbers[0]);
    json.append(",\"destination\":\"A").append(random.nextInt(AIRPORTS));
    json.append("\",\"originLateness\":").append(numbers[1]);
    json.append(",\"destinationLateness\":").append(numbers[2]);
  }

  private Item outcome(long pair) {
    int waiting = (int) (pair % keys.length);
    String label = LABELS.get(late[waiting] ? 1 : 0);
    StringBuilder json = head("outcome", pair, keys[waiting]);
    json.append("\",\"label\":\"").append(label).append("\"}");
    return item(pair, true, keys[waiting], json);
  }

  private StringBuilder head(String type, long pair, int key) {
    return new StringBuilder(256)
        .append("{\"type\":\"")
        .append(type)
        .append("\",\"id\":\"e-")
        .append(firstPair + pair)
        .append("\",\"key\":\"k-")
        .append(key)
        .append("\",\"time\":\"")
        .append(Instant.ofEpochMilli(nowMs()));
  }

  private Item item(long pair, boolean outcome, int key, StringBuilder json) {
    return new Item(
        firstPair + pair,
        outcome,
        ("k-" + key).getBytes(ISO_8859_1),
        json.toString().getBytes(ISO_8859_1),
        nowMs());
  }

  private int draw() {
    if (cumulative.length == 0) {
      return random.nextInt(shape.keys());
    }
    double at = random.nextDouble() * cumulative[cumulative.length - 1];
    int found = Arrays.binarySearch(cumulative, at);
    return Math.min(cumulative.length - 1, found < 0 ? -found - 1 : found);
  }
}
