package dev.sluice.tool.lint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads YAML, and JSON with it, into maps, lists and scalars. */
final class Yaml {

  private static final int DEEPEST = 100;
  private static final Pattern SPACE = Pattern.compile("\\s+");

  private Yaml() {}

  /**
   * The documents of a file that are not empty.
   *
   * @throws IllegalArgumentException if one is not YAML; the message says where
   */
  static List<Object> documents(String text) {
    List<Object> documents = new ArrayList<>();
    try {
      for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(text)) {
        if (document != null) {
          refuseDeep(document, 0);
          documents.add(document);
        }
      }
      return documents;
    } catch (YamlEngineException e) {
      throw new IllegalArgumentException("it is not YAML: " + words(e), e);
    }
  }

  private static String words(YamlEngineException thrown) {
    if (thrown instanceof MarkedYamlEngineException marked && marked.getProblemMark().isPresent()) {
      return "%s, in line %s"
          .formatted(marked.getProblem(), marked.getProblemMark().get().getLine() + 1);
    }
    return String.valueOf(thrown.getMessage()).replaceAll("\\s+", " ");
  }

  /** An anchor may contain itself. */
  private static void refuseDeep(@Nullable Object node, int depth) {
    if (depth > DEEPEST) {
      throw new IllegalArgumentException("it is nested deeper than %s".formatted(DEEPEST));
    }
    children(node).forEach(child -> refuseDeep(child, depth + 1));
  }

  /** What a map or a list holds; nothing for a scalar. */
  static List<Object> children(@Nullable Object node) {
    List<Object> children = new ArrayList<>();
    if (node instanceof Map<?, ?> map) {
      map.values().stream().filter(each -> each != null).forEach(children::add);
    } else if (node instanceof List<?> list) {
      list.stream().filter(each -> each != null).forEach(children::add);
    }
    return children;
  }

  /** The value at the end of a path through maps. */
  static Optional<Object> at(@Nullable Object node, String... way) {
    Object found = node;
    for (String step : way) {
      found = found instanceof Map<?, ?> map ? map.get(step) : null;
    }
    return Optional.ofNullable(found);
  }

  /** The scalars of a map by their names, those of maps within it with dots between. */
  static Map<String, String> flat(@Nullable Object node) {
    Map<String, String> flat = new LinkedHashMap<>();
    flatten("", node, flat);
    return flat;
  }

  private static void flatten(String path, @Nullable Object node, Map<String, String> flat) {
    if (node instanceof Map<?, ?> map) {
      map.forEach(
          (key, value) -> flatten(path.isEmpty() ? "" + key : path + "." + key, value, flat));
    } else if (node != null && !(node instanceof List<?>)) {
      flat.put(path, node.toString());
    }
  }

  /** The words of a command line: a list's elements, and within a scalar or behind -c a shell's. */
  static List<String> words(@Nullable Object node) {
    if (!(node instanceof List<?>)) {
      return node == null ? List.of() : SPACE.splitAsStream(node.toString().strip()).toList();
    }
    List<String> words = new ArrayList<>();
    for (Object part : children(node)) {
      boolean script = !words.isEmpty() && words.get(words.size() - 1).equals("-c");
      words.addAll(script ? words(part.toString()) : List.of(part.toString()));
    }
    return words;
  }
}
