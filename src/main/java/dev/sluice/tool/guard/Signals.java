package dev.sluice.tool.guard;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Consumer;

/**
 * Takes signals in place of the JVM, which would end with 143 on the first one. The JDK's only way
 * is {@code sun.misc.Signal}, of which its compiler warns; hence by name.
 */
public final class Signals {

  /** Those that begin a stop, unless another guard takes over. */
  public static final List<String> STOPPING = List.of("TERM", "INT");

  /**
   * The one that ends the guard and leaves the job running. It is the usual one for "read your
   * configuration again", which for a guard is to be started again.
   */
  public static final String DETACHING = "HUP";

  private Signals() {}

  /**
   * Passes each of these signals to a handler, on a thread of its own.
   *
   * @param names as TERM
   * @throws IllegalStateException if this JVM does not let programs handle signals, as with {@code
   *     -Xrs}
   */
  public static void take(Consumer<String> taker, List<String> names) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      for (String name : names) {
        Object proxy =
            Proxy.newProxyInstance(
                Signals.class.getClassLoader(),
                new Class<?>[] {handler},
                (self, method, arguments) -> {
                  if (method.getName().equals("handle")) {
                    taker.accept(name);
                    return null;
                  }
                  return method.getName().equals("equals") ? self == arguments[0] : name.hashCode();
                });
        Object one = signal.getConstructor(String.class).newInstance(name);
        signal.getMethod("handle", signal, handler).invoke(null, one, proxy);
      }
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(
          "this JVM does not let the guard handle its signals (%s): start it without -Xrs"
              .formatted(e.getCause()),
          e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM has no signals (%s)".formatted(e), e);
    }
  }
}
