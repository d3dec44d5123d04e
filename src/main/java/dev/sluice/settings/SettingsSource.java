package dev.sluice.settings;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Where settings come from: {@code sluice.yaml} in Flink's configuration directory (or the file
 * named by {@code --settings}), overridden by {@code --sluice.x.y value} arguments.
 */
public final class SettingsSource {

  private static final String FILE_NAME = "sluice.yaml";
  private static final String FILE_FLAG = "--settings";

  private SettingsSource() {}

  /**
   * Reads file and arguments into one flat map.
   *
   * @param confDir Flink's configuration directory, null if there is none
   * @throws SettingsException if an argument or the file can't be read
   */
  public static Map<String, String> read(String[] args, @Nullable Path confDir) {
    Map<String, String> arguments = arguments(args);
    String named = arguments.remove(FILE_FLAG);
    Map<String, String> settings = new LinkedHashMap<>();
    if (named != null) {
      settings.putAll(file(Path.of(named)));
    } else if (confDir != null && !Files.notExists(confDir.resolve(FILE_NAME))) {
      // One that this user may not access is read, too, so that the failure is reported.
      settings.putAll(file(confDir.resolve(FILE_NAME)));
    }
    settings.putAll(arguments);
    return settings;
  }

  private static Map<String, String> arguments(String[] args) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (int i = 0; i < args.length; i++) {
      String arg = args[i];
      boolean isFile = arg.equals(FILE_FLAG) || arg.startsWith(FILE_FLAG + "=");
      if (!isFile && !arg.startsWith("--sluice.")) {
        throw new SettingsException(
            "unknown argument (%s): settings are given as --sluice.x.y value, or in a file named by %s FILE"
                .formatted(arg, FILE_FLAG));
      }
      int equals = arg.indexOf('=');
      String flag = equals < 0 ? arg : arg.substring(0, equals);
      if (equals < 0 && i + 1 == args.length) {
        throw new SettingsException("argument (%s) has no value".formatted(arg));
      }
      String value = equals < 0 ? args[++i] : arg.substring(equals + 1);
      String key = isFile ? flag : flag.substring("--".length());
      if (settings.putIfAbsent(key, value) != null) {
        throw new SettingsException("argument (%s) is given twice".formatted(flag));
      }
    }
    return settings;
  }

  private static Map<String, String> file(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      LoadSettings yaml =
          LoadSettings.builder().setLabel(file.toString()).setAllowDuplicateKeys(false).build();
      Object root = new Load(yaml).loadFromInputStream(in);
      Map<String, String> settings = new LinkedHashMap<>();
      if (root != null) {
        flatten("", root, settings, file);
      }
      return settings;
    } catch (AccessDeniedException e) {
      throw new SettingsException(
          "the settings file (%s) may not be read by this user".formatted(file));
    } catch (IOException e) {
      throw new SettingsException(
          "the settings file (%s) can't be read: %s".formatted(file, e.getMessage()));
    } catch (YamlEngineException e) {
      throw new SettingsException(
          "the settings file (%s) is not YAML: %s".formatted(file, e.getMessage()));
    }
  }

  private static void flatten(
      String path, @Nullable Object node, Map<String, String> settings, Path file) {
    if (node instanceof Map<?, ?> map) {
      map.forEach(
          (key, value) ->
              flatten(path.isEmpty() ? "" + key : path + "." + key, value, settings, file));
    } else if (path.isEmpty()) {
      throw new SettingsException(
          "the settings file (%s) must hold keys and values, but holds (%s)".formatted(file, node));
    } else if (node instanceof List<?> list) {
      settings.put(path, list.stream().map(String::valueOf).collect(Collectors.joining(",")));
    } else if (node != null && settings.put(path, node.toString()) != null) {
      throw new SettingsException("the settings file (%s) has (%s) twice".formatted(file, path));
    }
  }
}
