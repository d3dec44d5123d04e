package dev.sluice.tool.guard;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Messages on their way to one receiver, in their order, on a thread of its own. Putting never
 * waits: a full box drops its oldest message, and a progress message at the end is replaced by the
 * next.
 */
final class Mailbox {

  private final LinkedBlockingDeque<Runnable> waiting;
  private final ThreadPoolExecutor worker;
  private final Consumer<Message> receiver;
  private final Runnable onDropped;

  /**
   * @param receiver takes its time
   * @param onDropped called for each message that will not be received
   */
  Mailbox(String name, int capacity, Consumer<Message> receiver, Runnable onDropped) {
    this.receiver = receiver;
    this.onDropped = onDropped;
    this.waiting = new LinkedBlockingDeque<>(capacity);
    this.worker =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            waiting,
            work -> {
              Thread thread = new Thread(work, name);
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy()); // after the end
  }

  /**
   * A message.
   *
   * @param fields what it says
   * @param progress whether a later one says the same better
   */
  record Message(Map<String, Object> fields, boolean progress) {}

  /** A message that waits for the worker. */
  private record Delivery(Message message, Consumer<Message> receiver) implements Runnable {
    @Override
    public void run() {
      receiver.accept(message);
    }

    private static boolean isProgress(Runnable waiting) {
      return waiting instanceof Delivery delivery && delivery.message.progress();
    }
  }

  /** Only the worker takes messages out meanwhile. */
  synchronized void put(Message message) {
    if (message.progress() && Delivery.isProgress(waiting.peekLast())) {
      waiting.removeLastOccurrence(waiting.peekLast());
    }
    if (waiting.remainingCapacity() == 0 && waiting.pollFirst() != null) {
      onDropped.run();
    }
    worker.execute(new Delivery(message, receiver));
  }

  /** Whether the receiver should hurry. */
  boolean isClosing() {
    return worker.isShutdown();
  }

  /**
   * Waits for the messages that are on their way, then gives up.
   *
   * @return how many were not received
   */
  int close(Duration patience) {
    waiting.removeIf(Delivery::isProgress);
    worker.shutdown();
    boolean ended = false;
    try {
      ended = worker.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return worker.shutdownNow().size() + (ended ? 0 : 1);
  }
}
