package dev.sluice.tool.guard;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rights of each request. On loopback, pages are open to every user of the machine, but only
 * under its own names: a page of another site that has its name point here is turned away (DNS
 * rebinding). On any other address, pages need the token, as Bearer or as the password of Basic,
 * which browsers ask for. A stop or a detachment always needs the token, always as Bearer, which no
 * browser sends by itself.
 */
final class Access {

  private static final Set<String> OWN_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

  private final boolean loopback;
  private final String boundHost;
  private final @Nullable TokenFile tokens;

  Access(Listen listen, @Nullable TokenFile tokens) {
    this.loopback = listen.isLoopback();
    this.boundHost = listen.host().contains(":") ? "[" + listen.host() + "]" : listen.host();
    this.tokens = tokens;
    if (!loopback && tokens == null) {
      throw new IllegalArgumentException(
          "%s can be reached from other machines: give --token-file as well, or listen on 127.0.0.1"
              .formatted(listen.host()));
    }
  }

  /** Whether a request's Host header is one of the guard's; HTTP/1.0 may have none. */
  boolean isOwnHost(@Nullable String header) {
    if (!loopback) {
      return true; // the token decides there
    }
    String host = header == null ? "" : header.replaceFirst(":\\d*$", "").toLowerCase(Locale.ROOT);
    return OWN_NAMES.contains(host) || host.equalsIgnoreCase(boundHost);
  }

  /** Whether there is a token at all, so that the job can be stopped over HTTP. */
  boolean hasToken() {
    return tokens != null;
  }

  /** Whether pages are shown to everyone. */
  boolean isOpen() {
    return loopback;
  }

  /** Whether this Authorization header permits reading pages. */
  boolean mayRead(@Nullable String authorization) {
    return isOpen() || mayStop(authorization) || isPassword(authorization);
  }

  /** Whether this Authorization header permits stopping the job. */
  boolean mayStop(@Nullable String authorization) {
    String given = after("Bearer ", authorization);
    return given != null && isToken(bytes(given));
  }

  private boolean isPassword(@Nullable String authorization) {
    String given = after("Basic ", authorization);
    if (given == null) {
      return false;
    }
    try {
      String pair = new String(Base64.getDecoder().decode(given), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon >= 0 && isToken(bytes(pair.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      return false; // not Base64
    }
  }

  private static @Nullable String after(String scheme, @Nullable String authorization) {
    return authorization != null && authorization.regionMatches(true, 0, scheme, 0, scheme.length())
        ? authorization.substring(scheme.length()).strip()
        : null;
  }

  /** Takes as long for a good guess as for a bad one. */
  private boolean isToken(byte[] given) {
    List<String> now = tokens == null ? List.of() : tokens.tokens();
    boolean found = false;
    for (String token : now) {
      found |= MessageDigest.isEqual(bytes(token), given);
    }
    return found;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
