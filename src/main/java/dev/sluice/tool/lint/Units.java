package dev.sluice.tool.lint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A systemd unit that runs the guard. */
final class Units {

  private static final String SECTION = "[Service]";

  private final Place file;
  private final Numbers numbers;

  Units(Place file, Numbers numbers) {
    this.file = file;
    this.numbers = numbers;
  }

  /** Reads its section of the service; any other says nothing of stopping. */
  void read(String text) {
    Map<String, String> service = service(text);
    List<String> words = Yaml.words(service.get("ExecStart"));
    // TimeoutSec= sets both TimeoutStartSec= and TimeoutStopSec=.
    String both = service.get("TimeoutSec");
    String stop = service.get(Key.UNIT_TIMEOUT.text());
    numbers.guard(words, Key.UNIT_TIMEOUT, stop == null ? both : stop, file.within(SECTION));
  }

  /** A backslash at its end joins a line with the next. */
  private static Map<String, String> service(String text) {
    Map<String, String> settings = new LinkedHashMap<>();
    boolean inside = false;
    for (String line : text.replaceAll("\\\\\\R", " ").lines().map(String::strip).toList()) {
      int equals = line.indexOf('=');
      if (line.startsWith("[")) {
        inside = line.equals(SECTION);
      } else if (inside && equals > 0 && !line.startsWith("#") && !line.startsWith(";")) {
        settings.put(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
      }
    }
    return settings;
  }
}
