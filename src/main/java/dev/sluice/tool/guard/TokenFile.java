package dev.sluice.tool.guard;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file that holds a token, or two, a line each, while one is exchanged for the other. It is read
 * again at each use: a token that is taken out holds no longer from that moment on, and no guard
 * has to be started again. How long both hold is the operator's to say, by the two lines; a time
 * set here would keep a token that leaked.
 *
 * <p>A file that is missing, unreadable or without a token may be one that is just being written:
 * what it held before holds for {@link #WHILE_WRITTEN} after that was first seen, and then nothing
 * does. So deleting or emptying the file revokes its tokens, too.
 */
public final class TokenFile {

  /** Replacing one content of the file by another never takes longer. */
  static final Duration WHILE_WRITTEN = Duration.ofSeconds(30);

  private static final int SHORTEST = 16;
  private static final int LONGEST_FILE = 4096;
  private static final int MOST = 2;

  private final Path file;
  private final Clock clock;
  private final GuardLog log;
  private List<String> last;
  private @Nullable Instant noneSince;
  private String problem = "";

  private TokenFile(Path file, List<String> first, Clock clock, GuardLog log) {
    this.file = file;
    this.last = first;
    this.clock = clock;
    this.log = log;
  }

  static @Nullable TokenFile open(@Nullable Path file, Clock clock, GuardLog log)
      throws IOException {
    return file == null ? null : new TokenFile(file, read(file), clock, log);
  }

  /**
   * Reads one.
   *
   * @return one token, or two
   * @throws IOException if the file can't be read
   * @throws IllegalArgumentException if it holds something else; the message never contains the
   *     token
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
          ("%s must hold one word of %s or more letters and digits, as from 'openssl rand -hex 24', or two, a line "
                  + "each, while one is exchanged for the other")
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
    boolean hold = true;
    try {
      List<String> now = read(file);
      if (!now.equals(last)) {
        log.say("the tokens of %s have changed: %s of them hold now".formatted(file, now.size()));
        last = now;
      }
      noneSince = null;
    } catch (IOException | IllegalArgumentException e) {
      hold = isJustWritten();
      found =
          (hold
                  ? "%s: the tokens that it held before stay valid for %s s at most"
                  : "%s: for %s s, so the tokens that it held before are no longer valid, and no token is until "
                      + "the file can be read again")
              .formatted(e instanceof IOException ? e : e.getMessage(), WHILE_WRITTEN.toSeconds());
    }
    if (!found.isEmpty() && !found.equals(problem)) {
      log.say(found);
    }
    problem = found;
    return hold ? last : List.of();
  }

  private boolean isJustWritten() {
    Instant now = clock.instant();
    if (noneSince == null) {
      noneSince = now;
    }
    return Duration.between(noneSince, now).compareTo(WHILE_WRITTEN) < 0;
  }

  /** The one to send to another party, which checks it: the last that the file held. */
  synchronized String first() {
    List<String> now = tokens();
    return now.isEmpty() ? last.get(0) : now.get(0);
  }
}
