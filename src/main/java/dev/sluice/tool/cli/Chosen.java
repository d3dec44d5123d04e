package dev.sluice.tool.cli;

import dev.sluice.tool.cli.Context.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is taken where a flag is not given.
 *
 * <p>The places of a cluster, its JobManager and its brokers, come together: of one context or of
 * none, because a stop at one cluster must not be proved at the brokers of another. A context that
 * {@code --context} or {@code SLUICE_CONTEXT} names gives all of them, and what it does not say is
 * {@linkplain #missing missing}: neither the environment nor a default replaces it. A context in
 * use counts so only for a command whose flags and environment give no such place.
 *
 * <p>The journal and the keys are the operator's: what the named context does not say of them the
 * environment may, and then the context in use.
 *
 * <p>Where a context was asked for and the file can't be read, that is an error. Where none was, a
 * file that this user may not read is skipped with a note: a service's user often has no home, and
 * what it then reaches is named by flags and environment or on this machine.
 */
final class Chosen {

  private static final Set<Place> OF_THE_CLUSTER =
      EnumSet.of(Place.REST, Place.SETTINGS, Place.BOOTSTRAP_SERVERS, Place.KAFKA_PROPERTIES);

  private static final String VARIABLE = "SLUICE_CONTEXT";

  /** As {@code --context} names it. */
  @Nullable String context;

  /** What names {@link #context}, for messages. */
  String flag = "--context";

  /** As {@code --rest} names them. */
  Supplier<List<String>> rest = List::of;

  /** Which flags say with what brokers are reached. */
  Supplier<List<String>> brokerFlags = List::of;

  /** Reads the file of contexts. */
  Source source = Contexts::read;

  /** Is called when the file of contexts, or the context in use, is skipped. */
  Consumer<String> note = text -> {};

  boolean contextsCount = true;

  /** The process's, or another one. */
  Map<String, String> environment = System.getenv();

  private @Nullable Contexts contexts;
  private boolean passedOverSaid;

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
   * @throws UncheckedIOException if the file of contexts can't be used, or holds no such context
   */
  @Nullable Given of(Place place) {
    if (OF_THE_CLUSTER.contains(place)) {
      Context whole = whole();
      return reaches(whole) ? given(whole, place) : given(place);
    }
    Context current = current();
    boolean counts =
        place == Place.JOURNAL
            ? !isElsewhere(current)
            : !isLocal(); // a user who signs does so at every cluster
    Given ofContext = context != null || counts ? given(current, place) : null;
    Given variable = given(place);
    return (isNamed() && ofContext != null) || variable == null ? ofContext : variable;
  }

  private static @Nullable Given given(Context context, Place place) {
    String value = context.place(place);
    return value.isEmpty() ? null : new Given("context " + context.name(), value, true);
  }

  private @Nullable Given given(Place place) {
    String value = environment.getOrDefault(place.variable(), "");
    if (!value.isEmpty()) {
      return new Given(place.variable(), value, false);
    }
    String local = environment.getOrDefault("SLUICE_DIR", "");
    return place == Place.JOURNAL && !local.isEmpty()
        ? new Given("SLUICE_DIR", Path.of(local, "stops").toString(), false)
        : null;
  }

  /** The context that all places of the cluster come from; null if none does. */
  @Nullable String ofContext() {
    Context whole = whole();
    return reaches(whole) ? whole.name() : null;
  }

  /**
   * Why a place of the cluster that nothing says must not have its default; null if it may.
   *
   * @param what the place in words
   * @param flag the flag that sets it, with its value's name
   */
  @Nullable String missing(String what, String flag) {
    Context current = current();
    String name = current.name();
    if (reaches(whole())) {
      return ("context %s names no %s, and nothing else stands in for it: 'sluice context set %s %s' adds it, or "
              + "give --context %s %s")
          .formatted(name, what, name, flag, name, flag);
    }
    List<String> own = ownBrokers();
    return isNamed() || !reaches(current) || isLocal() || own.isEmpty()
        ? null
        : ("no %s %s named: context %s, which is in use, does not count because of %s; give %s, or --context %s to "
                + "take the rest from there")
            .formatted(
                what,
                what.equals("brokers") ? "are" : "is",
                name,
                String.join(" and ", own),
                flag,
                name);
  }

  /**
   * The context that counts as a whole and that the command line does not name; {@link
   * Context#NONE} if there is none.
   */
  Context unnamed() {
    return context == null ? whole() : Context.NONE;
  }

  private Context whole() {
    Context current = current();
    if (context != null) {
      return current;
    }
    if (isNamed()) {
      refuseTwo(current);
      return isElsewhere(current) ? Context.NONE : current;
    }
    boolean withAny =
        reaches(current)
            && current.place(Place.REST).isEmpty()
            && !jobManagers().isEmpty(); // It may be of another cluster than that JobManager.
    boolean mixed = reaches(current) && !ownBrokers().isEmpty();
    return withAny || mixed || isElsewhere(current) ? Context.NONE : current;
  }

  /** It is not known which of the two is meant: the wrong one would be stopped. */
  private void refuseTwo(Context current) {
    String variable = environment.getOrDefault(Place.REST.variable(), "");
    if (rest.get().isEmpty() && !variable.isEmpty() && isAnother(current, jobManagers())) {
      throw new UncheckedIOException(
          new IOException(
              ("%s (%s) and the context %s, which %s names, are of different JobManagers: unset one of them, or "
                      + "give --rest or --context")
                  .formatted(Place.REST.variable(), variable, current.name(), VARIABLE)));
    }
  }

  private boolean isNamed() {
    return context != null || !environment.getOrDefault(VARIABLE, "").isEmpty();
  }

  /** Whether a context says where a cluster is, or with what its brokers are reached. */
  private static boolean reaches(Context context) {
    return OF_THE_CLUSTER.stream().anyMatch(place -> !context.place(place).isEmpty());
  }

  /** The flags and variables that say with what brokers are reached. */
  private List<String> ownBrokers() {
    List<String> own = new ArrayList<>(brokerFlags.get());
    OF_THE_CLUSTER.stream()
        .filter(place -> place != Place.REST && given(place) != null)
        .forEach(place -> own.add(place.variable()));
    return own;
  }

  /** The JobManagers that a flag names, or else the environment. */
  private List<String> jobManagers() {
    String variable = environment.getOrDefault(Place.REST.variable(), "");
    return rest.get().isEmpty() && !variable.isEmpty()
        ? List.of(variable.split(",", -1))
        : rest.get();
  }

  /**
   * Whether {@code deploy/local/sluice} asks, of its own cluster. A user may have exported its
   * variable, so that a context that is named counts in addition to it.
   */
  private boolean isLocal() {
    return !isNamed()
        && jobManagers().isEmpty()
        && !environment.getOrDefault("SLUICE_PORT_OFFSET", "").isEmpty();
  }

  /** Whether something that goes before an unnamed context names another JobManager. */
  private boolean isElsewhere(Context current) {
    return isLocal() || isAnother(current, jobManagers());
  }

  private static boolean isAnother(Context current, List<String> named) {
    return !named.isEmpty()
        && !current.place(Place.REST).isEmpty()
        && !addresses(List.of(current.place(Place.REST).split(",", -1)))
            .containsAll(addresses(named));
  }

  private static Set<String> addresses(List<String> texts) {
    return texts.stream().map(Chosen::plain).collect(Collectors.toSet());
  }

  /** The same of each address that reaches the same place; of no address the text. */
  private static String plain(String address) {
    String text = address.strip().replaceAll("/+$", "");
    try {
      URI uri = new URI(text);
      String host = uri.getHost();
      if (host != null && uri.getScheme() != null) {
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        int standard = scheme.equals("https") ? 443 : 80;
        int port = uri.getPort() < 0 ? standard : uri.getPort();
        return "%s://%s:%s%s"
            .formatted(scheme, host.toLowerCase(Locale.ROOT), port, uri.getRawPath());
      }
    } catch (URISyntaxException notOne) {
      return text;
    }
    return text;
  }

  /**
   * The context that counts; {@link Context#NONE} if there is none.
   *
   * @throws UncheckedIOException if the file of contexts can't be used, or holds no such context
   */
  Context current() {
    try {
      return find();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Context find() throws IOException {
    String named = context != null ? context : environment.getOrDefault(VARIABLE, "");
    if (!named.isEmpty() && contextsCount) {
      return find(named, context != null ? flag : VARIABLE);
    }
    Contexts read = contextsCount ? readIfOpen() : null;
    if (read == null || read.current().isEmpty()) {
      return Context.NONE;
    }
    Context inUse = read.all().getOrDefault(read.current(), Context.NONE);
    sayPassedOver(inUse);
    return inUse;
  }

  /** Once: a user who took a context into use expects it to count. */
  private void sayPassedOver(Context inUse) {
    if (passedOverSaid || inUse.places().isEmpty() || !isLocal()) {
      return;
    }
    passedOverSaid = true;
    note.accept(
        ("context %s, which is in use, does not count: SLUICE_PORT_OFFSET (%s) makes this the command of the local "
                + "cluster (deploy/local/sluice sets it); give --context %s to take it")
            .formatted(inUse.name(), environment.get("SLUICE_PORT_OFFSET"), inUse.name()));
  }

  /** Null, with a note, if this user may not read the file. */
  private @Nullable Contexts readIfOpen() throws IOException {
    try {
      return read();
    } catch (Contexts.ClosedException e) {
      contexts =
          new Contexts(Contexts.file(environment), "", new TreeMap<>()); // one note is enough
      note.accept(
          "%s. No context is in use: what flags and the environment do not name is on this machine"
              .formatted(e.getMessage()));
      return null;
    }
  }

  private Context find(String name, String source) throws IOException {
    Contexts read = read();
    Context found = read.all().get(name);
    if (found == null) {
      throw new IOException(
          "%s (%s) is none of the contexts %s of %s"
              .formatted(source, name, read.all().keySet(), read.file()));
    }
    return found;
  }

  private Contexts read() throws IOException {
    if (contexts == null) {
      contexts = source.read(Contexts.file(environment));
    }
    return contexts;
  }
}
