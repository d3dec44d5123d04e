package dev.sluice.cli;

import dev.sluice.cli.Context.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is taken where a flag is not given: of the context that {@code --context} names, of the
 * environment, of the context that {@code SLUICE_CONTEXT} names or that is in use, in this order.
 */
final class Chosen {

  private static final String VARIABLE = "SLUICE_CONTEXT";

  /** As {@code --context} names it. */
  @Nullable String context;

  private @Nullable Contexts contexts;

  /**
   * Where a value comes from, and what it is.
   *
   * @param source the words for messages
   */
  record Given(String source, String value) {}

  /**
   * The value of a place; null if nothing says it.
   *
   * @param local whether the environment's local cluster says it, so that a context that was not
   *     named on the command line does not count
   * @throws UncheckedIOException if the file of contexts can't be used, or holds no such context
   */
  @Nullable Given of(Place place, Map<String, String> environment, boolean local) {
    try {
      return find(place, environment, local);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private @Nullable Given find(Place place, Map<String, String> environment, boolean local)
      throws IOException {
    String named = context;
    if (named != null) {
      String value = find(named, environment, "--context").place(place);
      if (!value.isEmpty()) {
        return new Given("context " + named, value);
      }
    }
    String variable = environment.getOrDefault(place.variable(), "");
    if (!variable.isEmpty()) {
      return new Given(place.variable(), variable);
    }
    if (named != null || local) {
      return null;
    }
    Context current = current(environment);
    String value = current.place(place);
    return value.isEmpty() ? null : new Given("context " + current.name(), value);
  }

  /** The context that counts; {@link Context#NONE} if there is none. */
  Context current(Map<String, String> environment) throws IOException {
    String named = context != null ? context : environment.getOrDefault(VARIABLE, "");
    if (!named.isEmpty()) {
      return find(named, environment, context != null ? "--context" : VARIABLE);
    }
    Contexts read = read(environment);
    return read.current().isEmpty()
        ? Context.NONE
        : read.all().getOrDefault(read.current(), Context.NONE);
  }

  private Context find(String name, Map<String, String> environment, String source)
      throws IOException {
    Contexts read = read(environment);
    Context found = read.all().get(name);
    if (found == null) {
      throw new IOException(
          "%s (%s) is none of the contexts %s of %s"
              .formatted(source, name, read.all().keySet(), read.file()));
    }
    return found;
  }

  private Contexts read(Map<String, String> environment) throws IOException {
    if (contexts == null) {
      contexts = Contexts.read(Contexts.file(environment));
    }
    return contexts;
  }
}
