package dev.sluice.tool.guard;

import dev.sluice.tool.time.Time;
import java.time.Duration;

/** Work that a daemon thread does again and again, with a pause between, until it is closed. */
final class Repeated implements AutoCloseable {

  private final Thread thread;

  private Repeated(Thread thread) {
    this.thread = thread;
  }

  /** Some work. */
  @FunctionalInterface
  interface Work {
    void run() throws InterruptedException;
  }

  /**
   * Begins.
   *
   * @param delay before the work is done first
   */
  static Repeated start(Time time, String name, Duration delay, Duration pause, Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                time.sleep(delay);
                while (true) {
                  work.run();
                  time.sleep(pause);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // closed
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    return new Repeated(thread);
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
