package dev.sluice.guard;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file that holds a token, or two, a line each, while one is exchanged for the other. It is read
 * again at each use: a token that is taken out holds no longer from that moment on, and no guard
 * has to be started again. How long both hold is the operator's to say, by the two lines; a time
 * set here would keep a token that leaked.
 *
 * <p>A file that is gone or holds no token, as while it is written, changes nothing.
 */
public final class TokenFile {

  private static final int SHORTEST = 16;
  private static final int LONGEST_FILE = 4096;
  private static final int MOST = 2;

  private final Path file;
  private final GuardLog log;
  private List<String> last;
  private String problem = "";

  private TokenFile(Path file, List<String> first, GuardLog log) {
    this.file = file;
    this.last = first;
    this.log = log;
  }

  static @Nullable TokenFile open(@Nullable Path file, GuardLog log) throws IOException {
    return file == null ? null : new TokenFile(file, read(file), log);
  }

  /**
   * Reads one.
   *
   * @return one token, or two
   * @throws IOException if the file can't be read
   * @throws IllegalArgumentException if it holds something else; the message never tells what
   */
  public static List<String> read(Path file) throws IOException {
    List<String> tokens;
    try (InputStream in = Files.newInputStream(file)) {
      tokens =
          new String(in.readNBytes(LONGEST_FILE), StandardCharsets.UTF_8)
              .lines()
              .map(String::strip)
              .filter(line -> !line.isEmpty())
              .toList();
    }
    if (tokens.isEmpty() || tokens.size() > MOST || !tokens.stream().allMatch(TokenFile::isToken)) {
      throw new IllegalArgumentException(
          "%s must hold one word of %s or more letters and digits, as from 'openssl rand -hex 24', or two, a line each, while one is exchanged for the other"
              .formatted(file, SHORTEST));
    }
    return tokens;
  }

  private static boolean isToken(String line) {
    return line.length() >= SHORTEST && line.matches("\\p{Graph}+");
  }

  /** Those that hold now, the new one first if the operator has put it there. */
  synchronized List<String> tokens() {
    String found = "";
    try {
      List<String> now = read(file);
      if (!now.equals(last)) {
        log.say("the tokens of %s have changed: %s of them hold now".formatted(file, now.size()));
        last = now;
      }
    } catch (IOException | IllegalArgumentException e) {
      found =
          "%s: what it held before holds on"
              .formatted(e instanceof IOException ? e : e.getMessage());
    }
    if (!found.isEmpty() && !found.equals(problem)) {
      log.say(found);
    }
    problem = found;
    return last;
  }
}
