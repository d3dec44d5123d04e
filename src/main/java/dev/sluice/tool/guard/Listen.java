package dev.sluice.tool.guard;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the guard serves HTTP.
 *
 * @param host a name or an address, an IPv6 one without its brackets
 * @param port 0 for any free one
 */
public record Listen(String host, int port) {

  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9a-fA-F:.]+)]|([^:\\[\\]]+)):(\\d{1,5})");

  public Listen {
    if (port > 65535) {
      throw new IllegalArgumentException("port (%s) must be below 65536".formatted(port));
    }
  }

  /**
   * Reads {@code HOST:PORT}; IPv6 addresses are in brackets.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Listen parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "it must be HOST:PORT, as 127.0.0.1:8090 or [::1]:8090, but is (%s)".formatted(text));
    }
    String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    return new Listen(host, Integer.parseInt(matcher.group(3)));
  }

  /** Whether only this machine can reach it. A name is looked up. */
  public boolean isLoopback() {
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        if (!address.isLoopbackAddress()) {
          return false;
        }
      }
      return true;
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
