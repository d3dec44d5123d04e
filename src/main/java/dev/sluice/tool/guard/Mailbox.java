package dev.sluice.tool.guard;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Messages on their way to one receiver, in their order, on a thread of its own. Putting never
 * waits: a full box drops its oldest message, and a progress message at the end is replaced by the
 * next.
 */
final class Mailbox {

  private final String name;
  private final int capacity;
  private final Consumer<Message> receiver;
  private final Runnable onDropped;
  private final Thread worker;
  private final Deque<Message> waiting = new ArrayDeque<>();
  private boolean closing;

  /**
   * @param receiver takes its time; what it throws ends its thread, so it throws nothing
   * @param onDropped called for each message that will not be received
   */
  Mailbox(String name, int capacity, Consumer<Message> receiver, Runnable onDropped) {
    this.name = name;
    this.capacity = capacity;
    this.receiver = receiver;
    this.onDropped = onDropped;
    this.worker = new Thread(this::work, name);
    worker.setDaemon(true);
    worker.start();
  }

  /**
   * A message.
   *
   * @param fields what it says
   * @param progress whether a later one says the same better
   */
  record Message(Map<String, Object> fields, boolean progress) {}

  synchronized void put(Message message) {
    Message last = waiting.peekLast();
    if (last != null && last.progress() && message.progress()) {
      waiting.removeLast();
    }
    if (waiting.size() == capacity) {
      waiting.removeFirst();
      onDropped.run();
    }
    waiting.addLast(message);
    notifyAll();
  }

  private void work() {
    Message next = take();
    while (next != null) {
      receiver.accept(next);
      next = take();
    }
  }

  private synchronized @Nullable Message take() {
    try {
      while (waiting.isEmpty() && !closing) {
        wait();
      }
    } catch (InterruptedException e) {
      return null;
    }
    return waiting.pollFirst();
  }

  /** Whether the receiver should hurry. */
  synchronized boolean isClosing() {
    return closing;
  }

  /**
   * Waits for the messages that are on their way, then gives up.
   *
   * @return how many were not received
   */
  int close(Duration patience) {
    synchronized (this) {
      closing = true;
      waiting.removeIf(Message::progress);
      notifyAll();
    }
    try {
      worker.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(patience.toNanos())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    int left;
    synchronized (this) {
      left = waiting.size() + (worker.isAlive() ? 1 : 0);
      waiting.clear(); // or the worker, interrupted, would go through them all
    }
    worker.interrupt();
    return left;
  }

  @Override
  public String toString() {
    return name;
  }
}
