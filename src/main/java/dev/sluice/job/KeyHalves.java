package dev.sluice.job;

import dev.sluice.model.Pending;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.flink.api.common.state.MapState;
import org.jspecify.annotations.Nullable;

/**
 * One key's pending halves: what has changed since they were written to the state backend, and as
 * far as there is room what the backend holds. A half that is added and removed between two writes
 * never reaches the backend.
 *
 * <p>Of a key that comes into the cache nothing is known: the backend is asked for each id. When it
 * was asked for the {@value #ASKED_BEFORE_READING}th time, its halves are read, up to {@value
 * #READ_AN_ASK} for each time; if there are more, that is tried again after twice as many times.
 * Once all are read the backend is asked no more, unless for a half whose object was dropped to
 * save memory. Ids that would take too much of it are not kept; such a key stays one that asks.
 *
 * <p>Halves are immutable, so no backend needs copies. Used by the task's thread, while the key is
 * the current one.
 */
final class KeyHalves {

  /** Of {@link #timerMs}: none is known, though there may be some. */
  static final long NO_TIMER = Long.MAX_VALUE;

  private static final int ASKED_BEFORE_READING = 3;

  /** How many halves are read for each time that the backend was asked. */
  private static final long READ_AN_ASK = 32;

  /** So many ids have no table that is worth while giving back. */
  private static final int SMALL = 64;

  /** An entry of the map with its id, but for the letters. */
  private static final int SLOT_BYTES = 120;

  private final MapState<String, Pending> backend;
  private final long mostBytes;
  private Map<String, Slot> slots = new HashMap<>(4);

  /** The most ids since {@link #slots} was made: its table never shrinks. */
  private int mostSlots;

  /** Whether {@link #slots} has every id that the backend has. */
  private boolean complete;

  /** Whether the ids are too many to be kept. */
  private boolean tooMany;

  private int asked;
  private int askedBeforeReading = ASKED_BEFORE_READING;
  private int dirty;
  private long idBytes;
  private long halfBytes;

  /** What the backend was asked for last, if it does not have it. */
  private @Nullable String absent;

  /** Whether the last look found that nothing waits, and nothing was added since. */
  private boolean nothing;

  /** No half has arrived before. */
  private long earliestMs = Long.MIN_VALUE;

  /** When the first timer fires that is known to be set. */
  private long timerMs = NO_TIMER;

  /** How a half in memory relates to the backend. */
  private enum Stored {
    /** The backend has nothing under its id. */
    NOT,
    /** The backend has it. */
    YES,
    /** The backend may have another one. */
    OTHERWISE,
    /** The backend has it, but nothing waits any more. */
    REMOVED
  }

  private static final class Slot {
    private Stored stored;
    private final long arrivalMs;

    /** Null if the backend must be asked. */
    private @Nullable Pending half;

    Slot(Stored stored, long arrivalMs, @Nullable Pending half) {
      this.stored = stored;
      this.arrivalMs = arrivalMs;
      this.half = half;
    }
  }

  /** When the first and the last of those came that wait. */
  record Arrivals(long earliestMs, long latestMs) {

    private static Arrivals with(@Nullable Arrivals others, long arrivalMs) {
      return others == null
          ? new Arrivals(arrivalMs, arrivalMs)
          : new Arrivals(
              Math.min(others.earliestMs, arrivalMs), Math.max(others.latestMs, arrivalMs));
    }
  }

  /** Decides which halves end. */
  @FunctionalInterface
  interface Ending {

    boolean ends(String id, long arrivalMs);
  }

  /**
   * Nothing known yet.
   *
   * @param backend of the current key
   * @param mostBytes that the ids may take; with 0, everything is written at once
   */
  KeyHalves(MapState<String, Pending> backend, long mostBytes) {
    this.backend = backend;
    this.mostBytes = mostBytes;
  }

  /** What waits under this id. */
  @Nullable Pending get(String id) throws Exception {
    Slot slot = slots.get(id);
    if (slot == null && !complete && !tooMany && ++asked >= askedBeforeReading) {
      readAll(READ_AN_ASK * asked);
      askedBeforeReading = 2 * asked;
      slot = slots.get(id);
    }
    if (slot == null) {
      return complete ? null : ask(id);
    }
    if (slot.stored == Stored.REMOVED || slot.half != null) {
      return slot.half;
    }
    return Objects.requireNonNull(backend.get(id), "a half that is stored");
  }

  private @Nullable Pending ask(String id) throws Exception {
    Pending half = backend.get(id);
    absent = half == null ? id : null;
    return half;
  }

  /** Adds a half, in place of any under this id. */
  void add(String id, Pending half) throws Exception {
    Slot before = slots.get(id);
    Stored stored = complete || id.equals(absent) ? Stored.NOT : Stored.OTHERWISE;
    if (before != null) {
      stored = before.stored == Stored.NOT ? Stored.NOT : Stored.OTHERWISE;
      forget(id, before);
    }
    put(id, new Slot(stored, half.arrivalMs(), half));
    earliestMs = Math.min(earliestMs, half.arrivalMs());
    nothing = false;
    keepWithinBounds();
  }

  void remove(String id) throws Exception {
    Slot slot = slots.get(id);
    if (slot != null) {
      forget(id, slot);
    }
    boolean unknown = slot == null && !complete && !id.equals(absent);
    if (unknown || (slot != null && slot.stored != Stored.NOT)) {
      put(id, new Slot(Stored.REMOVED, 0, null));
      keepWithinBounds();
    }
  }

  /** Whether nothing waits, as far as that is known without a look into the backend. */
  boolean isKnownEmpty() {
    return nothing || (complete && slots.isEmpty());
  }

  /** No half that waits has arrived before this. */
  long earliestMs() {
    return earliestMs;
  }

  /** When the first timer fires that is known to be set; {@link #NO_TIMER} for none. */
  long timerMs() {
    return timerMs;
  }

  void setTimerMs(long timerMs) {
    this.timerMs = timerMs;
  }

  /**
   * Removes those that end, in the order in which they arrived unless they are too many.
   *
   * @param ended takes each of them when it is removed
   * @return when those came that stay, null if none does
   */
  @Nullable Arrivals end(Ending ending, Consumer<Pending> ended) throws Exception {
    if (!complete && !tooMany) {
      readAll(Long.MAX_VALUE);
    }
    Arrivals left = complete ? endInMemory(ending, ended) : endInBackend(ending, ended);
    earliestMs = left == null ? Long.MAX_VALUE : left.earliestMs();
    nothing = left == null;
    return left;
  }

  private @Nullable Arrivals endInMemory(Ending ending, Consumer<Pending> ended) throws Exception {
    Arrivals left = null;
    List<Map.Entry<String, Slot>> over = new ArrayList<>();
    for (Map.Entry<String, Slot> entry : slots.entrySet()) {
      Slot slot = entry.getValue();
      if (slot.stored == Stored.REMOVED) {
        continue;
      }
      if (ending.ends(entry.getKey(), slot.arrivalMs)) {
        over.add(entry);
      } else {
        left = Arrivals.with(left, slot.arrivalMs);
      }
    }
    over.sort(
        Comparator.comparingLong((Map.Entry<String, Slot> entry) -> entry.getValue().arrivalMs)
            .thenComparing(Map.Entry::getKey));
    for (Map.Entry<String, Slot> entry : over) {
      String id = entry.getKey();
      Pending half = Objects.requireNonNull(get(id));
      remove(id);
      ended.accept(half);
    }
    return left;
  }

  private @Nullable Arrivals endInBackend(Ending ending, Consumer<Pending> ended) throws Exception {
    writeBack();
    forgetAll();
    Arrivals left = null;
    Iterator<Map.Entry<String, Pending>> entries = backend.iterator();
    while (entries.hasNext()) {
      Map.Entry<String, Pending> entry = entries.next();
      Pending half = entry.getValue();
      if (ending.ends(entry.getKey(), half.arrivalMs())) {
        entries.remove();
        ended.accept(half);
      } else {
        left = Arrivals.with(left, half.arrivalMs());
      }
    }
    if (left == null) {
      backend.clear(); // a heap backend would keep the empty map
      tooMany = false;
      complete = true;
    }
    return left;
  }

  /**
   * Reads the ids that the backend has, with their halves as far as there is room.
   *
   * @param most not all of them if there are more
   */
  private void readAll(long most) throws Exception {
    long earliest = Long.MAX_VALUE;
    long read = 0;
    for (Map.Entry<String, Pending> entry : backend.entries()) {
      if (++read > most) {
        return;
      }
      if (!slots.containsKey(entry.getKey())) {
        Pending half = entry.getValue();
        Pending kept = halfBytes + half.bytes() > mostBytes ? null : half;
        put(entry.getKey(), new Slot(Stored.YES, half.arrivalMs(), kept));
      }
      if (idBytes > mostBytes) {
        tooMany = true;
        writeBack();
        forgetAll();
        return;
      }
    }
    for (Slot slot : slots.values()) {
      earliest = slot.stored == Stored.REMOVED ? earliest : Math.min(earliest, slot.arrivalMs);
    }
    earliestMs = earliest;
    complete = true;
  }

  private void keepWithinBounds() throws Exception {
    if (idBytes > mostBytes) {
      tooMany = true;
      complete = false;
      writeBack();
      forgetAll();
    }
  }

  boolean isDirty() {
    return dirty > 0;
  }

  /** Writes what has changed. */
  void writeBack() throws Exception {
    if (dirty == 0) {
      return;
    }
    Map<String, Pending> added = new HashMap<>();
    Iterator<Map.Entry<String, Slot>> entries = slots.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<String, Slot> entry = entries.next();
      Slot slot = entry.getValue();
      if (slot.stored == Stored.REMOVED) {
        backend.remove(entry.getKey());
        entries.remove();
        idBytes -= idBytes(entry.getKey());
      } else if (slot.stored != Stored.YES) {
        added.put(entry.getKey(), Objects.requireNonNull(slot.half));
        slot.stored = Stored.YES;
      }
    }
    shrink();
    if (added.size() == 1) {
      Map.Entry<String, Pending> one = added.entrySet().iterator().next();
      backend.put(one.getKey(), one.getValue());
    } else if (!added.isEmpty()) {
      backend.putAll(added); // one batch
    }
    dirty = 0;
  }

  /** Drops the halves themselves, which are written. */
  void dropWritten() {
    for (Slot slot : slots.values()) {
      slot.half = null;
    }
    halfBytes = 0;
  }

  /** Heap bytes, give or take the padding of objects. */
  long bytes() {
    return idBytes + halfBytes;
  }

  /** The part of them that {@link #dropWritten} gives back. */
  long halfBytes() {
    return halfBytes;
  }

  private void put(String id, Slot slot) {
    slots.put(id, slot);
    mostSlots = Math.max(mostSlots, slots.size());
    dirty += slot.stored == Stored.YES ? 0 : 1;
    idBytes += idBytes(id);
    halfBytes += bytes(slot.half);
    absent = null;
  }

  private void forget(String id, Slot slot) {
    slots.remove(id);
    dirty -= slot.stored == Stored.YES ? 0 : 1;
    idBytes -= idBytes(id);
    halfBytes -= bytes(slot.half);
  }

  /** Everything is written. */
  private void forgetAll() {
    slots.clear();
    shrink();
    idBytes = 0;
    halfBytes = 0;
  }

  private void shrink() {
    if (slots.isEmpty() && mostSlots > SMALL) {
      slots = new HashMap<>(4);
      mostSlots = 0;
    }
  }

  private static long idBytes(String id) {
    return SLOT_BYTES + 2L * id.length();
  }

  private static long bytes(@Nullable Pending half) {
    return half == null ? 0 : half.bytes();
  }
}
