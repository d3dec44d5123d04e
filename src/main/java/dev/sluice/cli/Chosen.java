package dev.sluice.cli;

import dev.sluice.cli.Context.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is taken where a flag is not given: of the context that {@code --context} names, of the
 * environment, of the context that {@code SLUICE_CONTEXT} names or that is in use, in this order.
 * Of the environment only the keys count beside a context that {@code --context} names and that
 * says where a cluster is. A context that {@code --context} does not name counts for no place at
 * all where something else names another JobManager: a stop at one cluster must not be proved at
 * the brokers of another.
 *
 * <p>Where a context was asked for and the file can't be read, that is an error. Where none was, a
 * file that this user may not look at is passed over with a note: a service's user often has no
 * home, and what it then reaches is named by flags and environment or on this machine.
 */
final class Chosen {

  /** Keys are a person's, whichever cluster is reached. */
  private static final Set<Place> OF_A_PERSON = EnumSet.of(Place.SIGN, Place.VERIFY_KEY);

  private static final String VARIABLE = "SLUICE_CONTEXT";

  /** As {@code --context} names it. */
  @Nullable String context;

  /** As {@code --rest} names them. */
  Supplier<List<String>> rest = List::of;

  /** Reads the file of contexts. */
  Source source = Contexts::read;

  /** Hears that the file of contexts is passed over. */
  Consumer<String> note = text -> {};

  /** Whether contexts count at all. */
  boolean contextsCount = true;

  private @Nullable Contexts contexts;

  /** As {@link Contexts#read}. */
  @FunctionalInterface
  interface Source {
    /** Reads a file of contexts. */
    Contexts read(Path file) throws IOException;
  }

  /**
   * Where a value comes from, and what it is.
   *
   * @param source the words for messages
   * @param ofContext whether a context names it
   */
  record Given(String source, String value, boolean ofContext) {}

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
        return new Given("context " + named, value, true);
      }
      if (!OF_A_PERSON.contains(place) && reaches(find(named, environment, "--context"))) {
        return null; // The environment's belongs to another cluster.
      }
    }
    String variable = environment.getOrDefault(place.variable(), "");
    if (!variable.isEmpty()) {
      return new Given(place.variable(), variable, false);
    }
    if (named != null || local) {
      return null;
    }
    Context unnamed = OF_A_PERSON.contains(place) ? current(environment) : unnamed(environment);
    String value = unnamed.place(place);
    return value.isEmpty() ? null : new Given("context " + unnamed.name(), value, true);
  }

  /**
   * The context that counts and that the command line does not name; {@link Context#NONE} if there
   * is none.
   */
  Context unnamed(Map<String, String> environment) throws IOException {
    if (context != null) {
      return Context.NONE;
    }
    Context current = current(environment);
    return isElsewhere(current, environment) ? Context.NONE : current;
  }

  /** Whether a context says where a cluster is, or with what its brokers are reached. */
  private static boolean reaches(Context context) {
    return Stream.of(Place.REST, Place.SETTINGS, Place.BOOTSTRAP_SERVERS)
        .anyMatch(place -> !context.place(place).isEmpty());
  }

  /** Whether something that goes before the context in use names another JobManager. */
  private boolean isElsewhere(Context current, Map<String, String> environment) {
    List<String> told = rest.get();
    String variable = environment.getOrDefault(Place.REST.variable(), "");
    if (told.isEmpty() && !variable.isEmpty()) {
      told = List.of(variable.split(",", -1));
    }
    if (told.isEmpty()) {
      return environment.containsKey("SLUICE_PORT_OFFSET"); // the local cluster's
    }
    return !current.place(Place.REST).isEmpty()
        && !addresses(List.of(current.place(Place.REST).split(",", -1)))
            .containsAll(addresses(told));
  }

  private static Set<String> addresses(List<String> texts) {
    return texts.stream().map(one -> one.replaceAll("/$", "")).collect(Collectors.toSet());
  }

  /** The context that counts; {@link Context#NONE} if there is none. */
  Context current(Map<String, String> environment) throws IOException {
    String named = context != null ? context : environment.getOrDefault(VARIABLE, "");
    if (!named.isEmpty() && contextsCount) {
      return find(named, environment, context != null ? "--context" : VARIABLE);
    }
    Contexts read = contextsCount ? readIfOpen(environment) : null;
    return read == null || read.current().isEmpty()
        ? Context.NONE
        : read.all().getOrDefault(read.current(), Context.NONE);
  }

  /** Null, with a note, if this user may not look at the file. */
  private @Nullable Contexts readIfOpen(Map<String, String> environment) throws IOException {
    try {
      return read(environment);
    } catch (Contexts.ClosedException e) {
      contexts =
          new Contexts(Contexts.file(environment), "", new TreeMap<>()); // one note is enough
      note.accept(
          "%s. No context is in use: what flags and the environment do not name is on this machine"
              .formatted(e.getMessage()));
      return null;
    }
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
      contexts = source.read(Contexts.file(environment));
    }
    return contexts;
  }
}
