package dev.sluice.enrich;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.sluice.event.Event;
import dev.sluice.event.Event.Observation;
import dev.sluice.state.SluiceTypes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;
import org.apache.flink.streaming.api.functions.async.AsyncFunction;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.async.AsyncWaitOperatorFactory;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random events of a few keys, lookups that end in any order, a snapshot while some wait, a restore
 * with another parallelism: each key's events must leave in the order in which they came, and all
 * from the subtask that the key belongs to, or nothing would keep them in order further on.
 */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
@Timeout(120)
class LookupOrderTest {

  private static final TypeSerializer<Event> EVENTS =
      SluiceTypes.EVENT.createSerializer(new SerializerConfigImpl());

  private static final int MAX_PARALLELISM = 128;
  private static final int HISTORIES = 60;
  private static final int CAPACITY = 100;
  private static final int KEYS = 5;

  @Test
  void theOrderWithinEachKeySurvivesAnotherParallelism() throws Exception {
    for (int seed = 0; seed < HISTORIES; seed++) {
      Optional<String> violation = new History(seed, LookupOrderTest::ours).run();
      if (violation.isPresent()) {
        fail("seed %s: %s", seed, violation.get());
      }
    }
  }

  /** Or this test would see nothing. */
  @Test
  void flinksOwnOperatorLosesItInTheSameHistories() throws Exception {
    int violations = 0;
    for (int seed = 0; seed < HISTORIES; seed++) {
      violations += new History(seed, LookupOrderTest::flinks).run().isPresent() ? 1 : 0;
    }
    assertThat(violations).isGreaterThan(HISTORIES / 4);
  }

  private static OneInputStreamOperatorFactory<Event, Event> ours(
      AsyncFunction<Event, Event> lookups) {
    return new LookupOperatorFactory(lookups, CAPACITY, LookupOrderTest::key);
  }

  private static OneInputStreamOperatorFactory<Event, Event> flinks(
      AsyncFunction<Event, Event> lookups) {
    return new AsyncWaitOperatorFactory<>(lookups, 0, CAPACITY, OutputMode.ORDERED);
  }

  private interface Operator {
    OneInputStreamOperatorFactory<Event, Event> with(AsyncFunction<Event, Event> lookups);
  }

  /** One run, a snapshot, another run. */
  private static final class History {

    private final Random random;
    private final Operator operator;
    private final int before;
    private final int after;
    private final Map<String, List<Long>> answered = new HashMap<>();
    private @Nullable String stray;
    private long offset;

    History(long seed, Operator operator) {
      this.random = new Random(seed);
      this.operator = operator;
      this.before = 1 + random.nextInt(4);
      this.after = 1 + random.nextInt(4);
    }

    /** What was wrong with it. */
    Optional<String> run() throws Exception {
      OperatorSubtaskState snapshot = firstRun();
      List<Subtask> tasks = new ArrayList<>();
      for (int i = 0; i < after; i++) {
        Subtask task = new Subtask(operator, after, i);
        tasks.add(task);
        task.initializeState(
            AbstractStreamOperatorTestHarness.repartitionOperatorState(
                snapshot, MAX_PARALLELISM, before, after, i));
        task.open();
      }
      feed(tasks, 20);
      for (Subtask task : tasks) {
        task.endAll(random);
      }
      collect(tasks);
      return stray == null ? disorder() : Optional.of(stray);
    }

    private OperatorSubtaskState firstRun() throws Exception {
      List<Subtask> tasks = new ArrayList<>();
      for (int i = 0; i < before; i++) {
        Subtask task = new Subtask(operator, before, i);
        tasks.add(task);
        task.open();
      }
      feed(tasks, 30);
      List<OperatorSubtaskState> parts = new ArrayList<>();
      for (Subtask task : tasks) {
        parts.add(task.snapshot(1, 1));
      }
      collect(tasks);
      return AbstractStreamOperatorTestHarness.repackageState(
          parts.toArray(new OperatorSubtaskState[0]));
    }

    private void feed(List<Subtask> tasks, int events) throws Exception {
      for (int i = 0; i < events; i++) {
        String key = "key-" + random.nextInt(KEYS);
        tasks
            .get(owner(key, tasks.size()))
            .processElement(EnrichFixtures.observation(key, offset), offset);
        offset++;
        tasks.get(random.nextInt(tasks.size())).endOne(random);
      }
    }

    /** Collects what the subtasks have sent, and closes them. */
    private void collect(List<Subtask> tasks) throws Exception {
      for (int i = 0; i < tasks.size(); i++) {
        for (Event event : tasks.get(i).extractOutputValues()) {
          String key = key(event);
          if (owner(key, tasks.size()) != i) {
            stray = "%s leaves from subtask %s of %s".formatted(event, i, tasks.size());
          }
          answered.computeIfAbsent(key, k -> new ArrayList<>()).add(event.raw().origin().offset());
        }
        tasks.get(i).close();
      }
    }

    private Optional<String> disorder() {
      long all = answered.values().stream().mapToLong(List::size).sum();
      if (all != offset) {
        return Optional.of("%s of %s events have left".formatted(all, offset));
      }
      for (Map.Entry<String, List<Long>> key : answered.entrySet()) {
        List<Long> sorted = new ArrayList<>(new TreeSet<>(key.getValue()));
        if (!sorted.equals(key.getValue())) {
          return Optional.of("%s: %s -> %s, %s".formatted(key, before, after, key.getValue()));
        }
      }
      return Optional.empty();
    }
  }

  private static String key(Event event) {
    return ((Observation) event).key();
  }

  private static int owner(String key, int parallelism) {
    return KeyGroupRangeAssignment.assignKeyToParallelOperator(key, MAX_PARALLELISM, parallelism);
  }

  /** Lookups that end on command. */
  private static final class Lookups implements AsyncFunction<Event, Event> {

    private static final long serialVersionUID = 1L;

    private final transient List<Runnable> open = new ArrayList<>();

    @Override
    public void asyncInvoke(Event event, ResultFuture<Event> result) {
      open.add(() -> result.complete(List.of(event)));
    }
  }

  private static final class Subtask extends OneInputStreamOperatorTestHarness<Event, Event> {

    private final Lookups lookups;

    Subtask(Operator operator, int parallelism, int index) throws Exception {
      this(operator, new Lookups(), parallelism, index);
    }

    private Subtask(Operator operator, Lookups lookups, int parallelism, int index)
        throws Exception {
      super(operator.with(lookups), MAX_PARALLELISM, parallelism, index);
      this.lookups = lookups;
      config.setupNetworkInputs(EVENTS);
      config.serializeAllConfigs();
      setup(EVENTS);
    }

    void endOne(Random random) throws Exception {
      if (!lookups.open.isEmpty()) {
        lookups.open.remove(random.nextInt(lookups.open.size())).run();
        runMails();
      }
    }

    void endAll(Random random) throws Exception {
      while (!lookups.open.isEmpty()) {
        endOne(random);
      }
    }

    private void runMails() throws Exception {
      Optional<Mail> mail = getTaskMailbox().tryTake(0);
      while (mail.isPresent()) {
        mail.get().run();
        mail = getTaskMailbox().tryTake(0);
      }
    }
  }
}
