package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.codec.AnswerEncoder;
import dev.sluice.codec.EventDecoder;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Event;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.ledger.AheadAnswers;
import dev.sluice.model.ModelState;
import dev.sluice.settings.JobSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A seeded life of a job: events and commands by two inputs in random order to random numbers of
 * subtasks, snapshots at barriers, transactions of which some are committed when the job dies,
 * restores from any snapshot. The models, the commands and their history are the real ones.
 *
 * <p>The truth at the end: an answer that a replay computes again is, byte for byte, the one that
 * is published; and each key's model is the one that its events make in order, each under the
 * commands that its published answer names.
 */
final class ReplayWorld {

  /** What the simulated operator does wrong on purpose. */
  enum Flaw {
    NONE,
    /** Every event is processed under the newest commands. */
    IGNORES_POSITIONS,
    /** Commands that are replayed take effect when they come by the input. */
    WAITS_FOR_COMMANDS,
    /** A snapshot of a replay stores the newest version only. */
    FORGETS_BASE,
    /** A snapshot of a replay does not store the commands since its base. */
    FORGETS_SINCE,
    /** The replay ends at the first snapshot. */
    ENDS_EARLY,
    /** A key is forgotten when the command comes, though a replay is under way. */
    FORGETS_KEYS_AT_ONCE,
    /** Outcomes that came behind a command to forget are forgotten with the rest. */
    SPARES_NO_OUTCOME,
    /** A snapshot of a replay does not store which keys are to be forgotten yet. */
    FORGETS_WHAT_TO_FORGET,
    /** What a command to forget answers names the position behind it. */
    ANSWERS_BEHIND_THE_COMMAND
  }

  static final int KEYS = 4;
  private static final int PARTITIONS = 2;
  static final String CONTROL = "sluice.control";
  private static final Map<String, String> SETTINGS = ControlHarness.SETTINGS;
  private static final byte[][] CHAMPIONS = {
    ControlHarness.champion(1), ControlHarness.champion(2), ControlHarness.champion(3)
  };

  private final long seed;
  private final Random random;
  private final Flaw flaw;
  private final JobSettings settings = JobSettings.of(SETTINGS);
  private final EventDecoder decoder = new EventDecoder(settings.model().labels(), 100);
  private final AnswerEncoder encoder = new AnswerEncoder(settings.model().labels());
  private final List<List<Event>> inputs = new ArrayList<>();
  private final List<ControlRecord> commands = new ArrayList<>();
  private final Map<Origin, ReplaySubtask.Answer> published = new HashMap<>();
  private final List<ReplaySnapshot> snapshots = new ArrayList<>();
  private Map<String, ModelState> finalModels = new TreeMap<>();
  private int versions = 1;
  private int restores;
  private long compared;

  ReplayWorld(long seed, Flaw flaw) {
    this.seed = seed;
    this.random = new Random(seed);
    this.flaw = flaw;
  }

  /** How many answers were computed again and compared with what is published. */
  long compared() {
    return compared;
  }

  int restores() {
    return restores;
  }

  Flaw flaw() {
    return flaw;
  }

  Random random() {
    return random;
  }

  AnswerEncoder encoder() {
    return encoder;
  }

  /** Lives; an AssertionError names the seed and what is wrong. */
  void run() {
    write();
    snapshots.add(ReplaySnapshot.start(settings, CHAMPIONS[0], PARTITIONS));
    int lives = 2 + random.nextInt(4);
    for (int life = 0; life < lives; life++) {
      List<ReplaySnapshot> whole = snapshots.stream().filter(ReplaySnapshot::isWhole).toList();
      live(whole.get(random.nextInt(whole.size())), life == lives - 1);
    }
    compareWithTruth();
  }

  /** One attempt, from a restore to its death; the last one reads everything. */
  private void live(ReplaySnapshot from, boolean last) {
    from.pending().forEach(this::commit);
    // The transactions of other snapshots: their names are fenced.
    snapshots.forEach(other -> other.pending().forEach(ReplayTransaction::abort));
    int parallelism = 1 + random.nextInt(3);
    AheadAnswers ahead = ahead(from);
    List<ReplaySubtask> subtasks = new ArrayList<>();
    for (int i = 0; i < parallelism; i++) {
      subtasks.add(new ReplaySubtask(this, i, parallelism, from, ahead, commands));
    }
    restores++;
    ReplayCut cut = from.cut();
    for (int left = 1 + random.nextInt(4); last || left > 0; left--) {
      boolean passed = cut.isBehind(ahead.origins());
      ReplayCut next = cut.next(random, inputs, commands.size());
      subtasks.forEach(subtask -> subtask.run(next, inputs, commands));
      boolean over = last && next.isEnd(inputs, commands.size());
      if (over) {
        subtasks.forEach(ReplaySubtask::forgetAll); // as the snapshot after this one does
      }
      ReplaySnapshot taken = ReplaySnapshot.of(next, subtasks, passed);
      boolean dies = !last && left == 1;
      if (dies && random.nextBoolean()) {
        return; // before the snapshot is complete: its transactions are aborted
      }
      snapshots.add(taken);
      for (ReplayTransaction transaction : taken.pending()) {
        if (!dies || random.nextBoolean()) {
          commit(transaction);
        }
      }
      if (over) {
        finalModels = taken.models();
        return;
      }
      cut = next;
    }
  }

  private void commit(ReplayTransaction transaction) {
    if (!transaction.commit()) {
      return;
    }
    for (ReplaySubtask.Answer answer : transaction.answers()) {
      if (published.putIfAbsent(answer.origin(), answer) != null) {
        throw new AssertionError("seed %s: %s is answered twice".formatted(seed, answer.origin()));
      }
    }
  }

  private AheadAnswers ahead(ReplaySnapshot from) {
    AheadAnswers ahead = new AheadAnswers();
    published.forEach(
        (origin, answer) -> {
          if (!from.answered().contains(origin)) {
            ahead.origins().add(origin);
            if (answer.position() > 0) {
              ahead.journal().note(origin, answer.position());
            }
          }
        });
    return ahead;
  }

  /** An answer that is suppressed because it is published. */
  void compare(ReplaySubtask.Answer answer) {
    compared++;
    ReplaySubtask.Answer before = published.get(answer.origin());
    if (before == null
        || before.topic() != answer.topic()
        || !Arrays.equals(before.value(), answer.value())) {
      throw new AssertionError(
          "seed %s: published is %s, but the replay says %s".formatted(seed, before, answer));
    }
  }

  /** Each key alone: its events in order, under the commands of their published answers. */
  private void compareWithTruth() {
    AheadAnswers everything = ahead(snapshots.get(0));
    ReplaySubtask truth =
        new ReplaySubtask(
            new ReplayWorld(seed, Flaw.NONE), 0, 1, snapshots.get(0), everything, commands) {
          @Override
          void take(Answer answer) {
            compare(answer);
          }
        };
    truth.run(ReplayCut.end(inputs, commands.size()), inputs, commands);
    truth.forgetAll();
    Map<String, byte[]> expected = ReplaySnapshot.bytes(truth.models());
    Map<String, byte[]> found = ReplaySnapshot.bytes(finalModels);
    if (!expected.keySet().equals(found.keySet())) {
      throw new AssertionError(
          "seed %s: keys %s have models, not %s"
              .formatted(seed, found.keySet(), expected.keySet()));
    }
    for (Map.Entry<String, byte[]> model : expected.entrySet()) {
      if (!Arrays.equals(model.getValue(), found.get(model.getKey()))) {
        throw new AssertionError(
            "seed %s: the model of %s is another one".formatted(seed, model.getKey()));
      }
    }
  }

  private void write() {
    for (int p = 0; p < PARTITIONS; p++) {
      inputs.add(new ArrayList<>());
    }
    List<String> open = new ArrayList<>();
    int events = 8 + random.nextInt(24);
    for (int i = 0; i < events; i++) {
      String id = "f-" + i;
      String key = "K" + random.nextInt(KEYS);
      boolean early = random.nextInt(8) == 0;
      if (early) {
        outcome(key, id);
      }
      add(
          key,
          """
          {"type":"observation","id":"%s","key":"%s","time":1,"features":{"x":%s,"dow":"%s"}}"""
              .formatted(id, key, random.nextInt(9), random.nextInt(3)));
      if (!early && random.nextInt(4) != 0) {
        open.add(key + " " + id);
      }
      if (!open.isEmpty() && random.nextInt(3) != 0) {
        String[] due = open.remove(random.nextInt(open.size())).split(" ", 2);
        outcome(due[0], due[1]);
      }
    }
    int count = random.nextInt(8);
    for (int i = 0; i < count; i++) {
      command(i);
    }
  }

  private void outcome(String key, String id) {
    add(
        key,
        """
        {"type":"outcome","id":"%s","key":"%s","time":2,"label":"%s"}"""
            .formatted(id, key, random.nextBoolean() ? "late" : "ontime"));
  }

  private void add(String key, String json) {
    int partition = Integer.parseInt(key.substring(1)) % PARTITIONS;
    List<Event> log = inputs.get(partition);
    Origin origin = new Origin("sluice.events", partition, log.size());
    log.add(
        decoder.decode(new RawRecord(origin, 1_000, key.getBytes(UTF_8), json.getBytes(UTF_8))));
  }

  private void command(int i) {
    String id = random.nextInt(10) == 0 && i > 0 ? "c-" + (i - 1) : "c-" + i;
    String key = random.nextBoolean() ? "" : ",\"key\":\"K%s\"".formatted(random.nextInt(KEYS));
    String part = new String[] {"learning", "scoring", "all"}[random.nextInt(3)];
    byte @Nullable [] model = null;
    String body;
    switch (random.nextInt(versions > 2 ? 7 : 8)) {
      case 0, 1 -> body = "\"pause\",\"part\":\"%s\"%s".formatted(part, key);
      case 2, 3 -> body = "\"resume\",\"part\":\"%s\"%s".formatted(part, key);
      case 4 ->
          body =
              random.nextBoolean()
                  ? "\"reset\"" + key
                  : "\"forget\",\"key\":\"K%s\"".formatted(random.nextInt(KEYS));
      case 5 ->
          body =
              "\"serve\",\"policy\":\"%s\""
                  .formatted(new String[] {"champion", "challenger", "best"}[random.nextInt(3)]);
      case 6 ->
          body =
              "\"%s\",\"version\":%s"
                  .formatted(random.nextInt(3) == 0 ? "drop" : "confirm", versions);
      default -> {
        versions++;
        model = CHAMPIONS[random.nextInt(CHAMPIONS.length)];
        body =
            "\"promote\",\"uri\":\"file:///m\",\"sha256\":\"%s\",\"version\":%s%s"
                .formatted(
                    "0".repeat(64),
                    versions,
                    new String[] {"", ",\"reseed\":true", ",\"shadow\":true"}[random.nextInt(3)]);
      }
    }
    String json = "{\"id\":\"%s\",\"command\":%s}".formatted(id, body);
    Origin origin = new Origin(CONTROL, 0, commands.size());
    commands.add(
        ControlHarness.withModel(new RawRecord(origin, 5, null, json.getBytes(UTF_8)), model));
  }
}
