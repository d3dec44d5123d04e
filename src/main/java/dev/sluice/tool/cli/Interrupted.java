package dev.sluice.tool.cli;

import java.io.PrintWriter;

/**
 * Informs a user who presses Ctrl-C that nothing is lost: the same command continues. The work
 * itself is not notified; each request is recorded before it is sent.
 */
final class Interrupted {

  private final Thread hook;

  private Interrupted(Thread hook) {
    this.hook = hook;
  }

  /**
   * Begins to listen for the end of the process.
   *
   * @param text what to say then
   */
  static Interrupted say(PrintWriter err, String text) {
    Thread hook =
        new Thread(
            () -> {
              err.println();
              err.println(text);
              err.flush();
            },
            "interrupted");
    Runtime.getRuntime().addShutdownHook(hook);
    return new Interrupted(hook);
  }

  /** The work is over: an end of the process says nothing any more. */
  void over() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // The process ends already, and the hook has run or is running.
    }
  }
}
