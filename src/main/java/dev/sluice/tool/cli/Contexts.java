package dev.sluice.tool.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.tool.receipt.PrivateFiles;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The contexts of a user, in {@code $XDG_CONFIG_HOME/sluice/config}, a JSON object. Anyone who can
 * write the file decides which cluster is stopped, and names the files with the passwords: it is
 * refused unless only its owner may read and write it.
 *
 * @param file their file
 * @param current the name of the one in use; empty for none
 * @param all by name
 */
record Contexts(Path file, String current, SortedMap<String, Context> all) {

  private static final int VERSION = 1;
  private static final long LARGEST = 64L << 10;
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final Set<PosixFilePermission> OF_OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  /** Where the file is in an environment. */
  static Path file(Map<String, String> environment) {
    String home = environment.getOrDefault("XDG_CONFIG_HOME", "");
    Path base =
        !home.isEmpty() && Path.of(home).isAbsolute()
            ? Path.of(home)
            : Path.of(System.getProperty("user.home"), ".config");
    return base.resolve("sluice").resolve("config");
  }

  /** For a file of contexts that this user may not read, as in another user's home. */
  static final class ClosedException extends IOException {

    private static final long serialVersionUID = 1L;

    ClosedException(Path file, IOException cause) {
      super(
          ("the file of contexts, %s, can't be used: this user has no right to read it (%s); name a directory of "
                  + "your own with XDG_CONFIG_HOME")
              .formatted(file, cause.getClass().getSimpleName()),
          cause);
    }
  }

  /**
   * Reads them; none if there is no file.
   *
   * @throws ClosedException if this user may not read it
   * @throws IOException if the file can't be used, naming it and why
   */
  static Contexts read(Path file) throws IOException {
    if (Files.notExists(file) || isBelowAFile(file)) { // else, if unknown, it is read
      return new Contexts(file, "", new TreeMap<>());
    }
    requirePrivate(file, attributes(file));
    try {
      return parse(file, JSON.readTree(Files.readAllBytes(file)));
    } catch (AccessDeniedException e) {
      throw new ClosedException(file, e);
    } catch (JsonProcessingException e) {
      throw unusable(file, "it is no JSON, at line " + line(e));
    } catch (IllegalArgumentException e) {
      throw unusable(file, String.valueOf(e.getMessage()));
    }
  }

  /** As with a home of /dev/null: nothing can be there. */
  private static boolean isBelowAFile(Path file) {
    for (Path at = file.getParent(); at != null; at = at.getParent()) {
      if (Files.exists(at)) {
        return !Files.isDirectory(at);
      }
    }
    return false;
  }

  private static PosixFileAttributes attributes(Path file) throws IOException {
    try {
      return Files.readAttributes(file, PosixFileAttributes.class);
    } catch (AccessDeniedException e) {
      throw new ClosedException(file, e);
    } catch (IOException e) {
      IOException unusable =
          unusable(
              file,
              ("it can't be read (%s), so it is not known which context is in use: name a directory of your own "
                      + "with XDG_CONFIG_HOME")
                  .formatted(e.getClass().getSimpleName()));
      unusable.initCause(e);
      throw unusable;
    }
  }

  private static void requirePrivate(Path file, PosixFileAttributes attributes) throws IOException {
    if (!attributes.isRegularFile() || attributes.size() > LARGEST) {
      throw unusable(file, "it must be a file of at most 64 KiB");
    }
    if (!Collections.disjoint(attributes.permissions(), OF_OTHERS)) {
      throw unusable(
          file,
          "others than its owner may read or write it, and it names the clusters and the files with their "
              + "passwords: chmod 600 it");
    }
    int owner = (Integer) Files.getAttribute(file, "unix:uid");
    if (!isTrusted(owner, user())) {
      throw unusable(
          file,
          "it is of the user %s, who would decide which cluster is reached: name your own with XDG_CONFIG_HOME"
              .formatted(attributes.owner().getName()));
    }
  }

  /** Root may write any file anyway. */
  static boolean isTrusted(int owner, int user) {
    return owner == user || owner == 0;
  }

  /** The process's user: the owner of what only this process can have made. */
  private static int user() throws IOException {
    Path self = Path.of("/proc/self");
    if (Files.exists(self)) {
      return (Integer) Files.getAttribute(self, "unix:uid");
    }
    Path probe = Files.createTempFile("sluice-user", "");
    try {
      return (Integer) Files.getAttribute(probe, "unix:uid");
    } finally {
      Files.delete(probe);
    }
  }

  private static int line(JsonProcessingException e) {
    return e.getLocation() == null ? 1 : e.getLocation().getLineNr();
  }

  private static IOException unusable(Path file, String why) {
    return new IOException("the file of contexts, %s, can't be used: %s".formatted(file, why));
  }

  private static Contexts parse(Path file, JsonNode root) {
    require(
        root.path("version").asInt() == VERSION,
        "its \"version\" must be 1; a newer one is of a newer sluice");
    for (Map.Entry<String, JsonNode> each : root.properties()) {
      require(
          Set.of("version", "current", "contexts").contains(each.getKey()),
          "it has other fields than version, current and contexts");
    }
    JsonNode contexts = root.path("contexts");
    require(contexts.isObject(), "its \"contexts\" must be an object");
    SortedMap<String, Context> all = new TreeMap<>();
    contexts
        .properties()
        .forEach(each -> all.put(each.getKey(), context(each.getKey(), each.getValue())));
    JsonNode current = root.path("current");
    require(
        current.isMissingNode() || all.containsKey(current.asText()),
        "its \"current\" must be the name of one of its contexts");
    return new Contexts(file, current.asText(""), all);
  }

  private static Context context(String name, JsonNode json) {
    require(json.isObject(), "each of its contexts must be an object");
    Map<String, String> places = new LinkedHashMap<>();
    json.properties()
        .forEach(
            each -> {
              require(each.getValue().isTextual(), "each place of a context must be a text");
              places.put(each.getKey(), each.getValue().asText());
            });
    return new Context(name, places);
  }

  private static void require(boolean holds, String must) {
    if (!holds) {
      throw new IllegalArgumentException(must);
    }
  }

  /** The same with another one in use. */
  Contexts using(String name) {
    return new Contexts(file, name, all);
  }

  /** The same with this one, in place of the one of its name. */
  Contexts with(Context context) {
    SortedMap<String, Context> more = new TreeMap<>(all);
    more.put(context.name(), context);
    return new Contexts(file, current, more);
  }

  /** Writes them, for their owner alone. */
  void write() throws IOException {
    ObjectNode root = JSON.createObjectNode().put("version", VERSION);
    if (!current.isEmpty()) {
      root.put("current", current);
    }
    ObjectNode contexts = root.putObject("contexts");
    all.forEach(
        (name, context) -> {
          ObjectNode places = contexts.putObject(name);
          context.places().forEach(places::put);
        });
    PrivateFiles.directory(Objects.requireNonNull(file.toAbsolutePath().getParent()));
    PrivateFiles.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
  }
}
