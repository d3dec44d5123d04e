package dev.sluice.model;

import dev.sluice.features.FeatureEncoder;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What fixes the meaning of the arrays in a {@link ModelState}: where one of these settings
 * differs, stored arrays must not be used. Rates, the Huber delta and the serving settings may
 * change from run to run.
 *
 * @param settings setting by name, in a fixed order
 */
public record ModelDescription(Map<String, String> settings) {

  private static final String HEADER = "sluice-model 1";
  private static final String ENCODING = "encoding";
  private static final String OBJECTIVE = "sluice.model.objective";
  private static final String OPTIMISER = "sluice.model.optimiser";
  private static final String LABELS = "label order";
  private static final String LABELS_SETTING = "sluice.model.labels";
  private static final String WIDTH = "sluice.features.width";
  private static final String DOMAIN = "champion's feature domain";

  public ModelDescription {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }

  static ModelDescription of(ModelSettings settings, List<String> labels, List<String> domain) {
    Map<String, String> fixed = new LinkedHashMap<>();
    fixed.put(ENCODING, "murmur3-signed-welford-1");
    fixed.put(OBJECTIVE, settings.objective().code());
    fixed.put(OPTIMISER, settings.optimiser().code());
    fixed.put(LABELS, String.join(", ", labels.stream().map(ModelDescription::quoted).toList()));
    fixed.put(WIDTH, Integer.toString(settings.width()));
    fixed.put(DOMAIN, domainText(domain));
    return new ModelDescription(fixed);
  }

  /**
   * Reads what {@link #encode()} wrote.
   *
   * @throws IllegalArgumentException if the bytes are something else or of an unknown version
   */
  public static ModelDescription decode(byte[] bytes) {
    String[] lines = text(bytes).split("\n", -1);
    if (!lines[0].equals(HEADER)) {
      throw new IllegalArgumentException(
          "a stored model's description begins with (%s), but this one with (%s): it was written by"
                  .formatted(HEADER, lines[0].substring(0, Math.min(lines[0].length(), 40)))
              + " another version of Sluice or is corrupt");
    }
    Map<String, String> settings = new LinkedHashMap<>();
    for (int i = 1; i < lines.length - 1; i++) {
      int equals = lines[i].indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "line %s of a stored model's description has no name: (%s)".formatted(i + 1, lines[i]));
      }
      settings.put(lines[i].substring(0, equals), unescaped(lines[i].substring(equals + 1)));
    }
    return new ModelDescription(settings);
  }

  /** Versioned UTF-8 text: a header, then {@code name=value} a line. */
  public byte[] encode() {
    StringBuilder text = new StringBuilder(HEADER).append('\n');
    settings.forEach(
        (name, value) -> text.append(name).append('=').append(escaped(value)).append('\n'));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Why arrays stored under {@code stored} mean something else here: a sentence a setting. */
  public List<String> differences(ModelDescription stored) {
    Set<String> names = new LinkedHashSet<>(settings.keySet());
    names.addAll(stored.settings.keySet());
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      String here = settings.get(name);
      String there = stored.settings.get(name);
      if (here == null || !here.equals(there)) {
        differences.add(
            "%s is (%s), but the stored models were made with (%s)"
                .formatted(name, orUnknown(here), orUnknown(there)));
      }
    }
    return differences;
  }

  /**
   * Which of a job's settings would give these arrays another meaning: a sentence a setting. What
   * only a champion knows, its features and the order of its labels, is not compared.
   */
  public List<String> differences(ModelSettings now) {
    ModelSettings stored = toSettings();
    List<String> differences = new ArrayList<>();
    compare(OBJECTIVE, now.objective().code(), stored.objective().code(), differences);
    compare(OPTIMISER, now.optimiser().code(), stored.optimiser().code(), differences);
    compare(WIDTH, "" + now.width(), "" + stored.width(), differences);
    if (!now.labels().isEmpty()
        && !new HashSet<>(now.labels()).equals(new HashSet<>(stored.labels()))) {
      compare(
          LABELS_SETTING,
          String.join(",", now.labels()),
          String.join(",", stored.labels()),
          differences);
    }
    return differences;
  }

  private static void compare(String name, String now, String stored, List<String> differences) {
    if (!now.equals(stored)) {
      differences.add(
          "%s is (%s), but the stored models were made with (%s)".formatted(name, now, stored));
    }
  }

  /**
   * How large the described arrays are.
   *
   * @throws IllegalArgumentException if the description lacks or garbles a setting
   */
  public Shape shape() {
    ModelSettings fixed = toSettings();
    String domain = setting(DOMAIN);
    int known =
        domain.equals("none") ? 0 : number(DOMAIN, domain.substring(0, indexOfSpace(domain)));
    return new Shape(
        Math.max(1, fixed.labels().size()),
        known,
        known + fixed.width() + FeatureEncoder.NUMBER_COLUMNS,
        fixed.optimiser().slots(),
        fixed.optimiser().remembersSquares(),
        fixed.width());
  }

  /**
   * Settings under which described arrays can be used; what they leave open is the default.
   *
   * @throws IllegalArgumentException if the description lacks or garbles a setting
   */
  public ModelSettings toSettings() {
    return new ModelSettings(
        Objective.ofCode(setting(OBJECTIVE)),
        1,
        Optimiser.ofCode(setting(OPTIMISER)),
        ModelSettings.Rates.defaults(),
        labels(setting(LABELS)),
        number(WIDTH, setting(WIDTH)),
        ModelSettings.Serving.defaults());
  }

  private String setting(String name) {
    String value = settings.get(name);
    if (value == null) {
      throw new IllegalArgumentException("a stored model's description has no (" + name + ")");
    }
    return value;
  }

  private static int indexOfSpace(String text) {
    int space = text.indexOf(' ');
    return space < 0 ? text.length() : space;
  }

  private static int number(String name, String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "in a stored model's description (%s) is no number: (%s)".formatted(name, text), e);
    }
  }

  /** Undoes {@link #quoted} for each label of a list. */
  private static List<String> labels(String quoted) {
    List<String> labels = new ArrayList<>();
    StringBuilder label = new StringBuilder();
    boolean inside = false;
    for (int i = 0; i < quoted.length(); i++) {
      char c = quoted.charAt(i);
      if (c == '\\' && i + 1 < quoted.length()) {
        label.append(quoted.charAt(++i));
      } else if (c == '"') {
        if (inside) {
          labels.add(label.toString());
          label.setLength(0);
        }
        inside = !inside;
      } else if (inside) {
        label.append(c);
      }
    }
    return labels;
  }

  private static String domainText(List<String> domain) {
    if (domain.isEmpty()) {
      return "none";
    }
    StringBuilder names = new StringBuilder();
    domain.forEach(name -> names.append(name.length()).append(':').append(name));
    String hash = Champion.sha256(names.toString().getBytes(StandardCharsets.UTF_8));
    return domain.size() + " features, sha256 " + hash;
  }

  private static String orUnknown(@Nullable String value) {
    return value == null ? "unknown" : value;
  }

  private static String quoted(String label) {
    return '"' + label.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\n", "\\n");
  }

  private static String unescaped(String value) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\' && i + 1 < value.length()) {
        i++;
        c = value.charAt(i) == 'n' ? '\n' : value.charAt(i);
      }
      text.append(c);
    }
    return text.toString();
  }

  private static String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("a stored model's description is not UTF-8", e);
    }
  }

  /**
   * How large the arrays of every {@link ModelState} of a job are.
   *
   * @param outputs rows of the weights: one a label, or a single one in regression
   * @param known features of the champion's domain: the first columns
   * @param columns these, then hashed texts, then numbers
   * @param slots arrays of the weights' shape that the optimiser remembers
   * @param squares whether these are never negative
   * @param width hashed columns
   */
  public record Shape(int outputs, int known, int columns, int slots, boolean squares, int width) {}
}
