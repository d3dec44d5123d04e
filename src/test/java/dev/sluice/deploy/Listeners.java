package dev.sluice.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which addresses processes listen at, as the kernel reports in {@code /proc}. */
final class Listeners {
  private static final String LISTEN = "0A";
  private static final String LOOPBACK = "0100007F";
  private static final String LOOPBACK_MAPPED = "0000000000000000FFFF00000100007F";
  private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");

  private Listeners() {}

  /** One {@code hex address:port} for each socket of this process that other machines can reach. */
  static List<String> beyondLoopback(long pid) throws IOException {
    return all(pid).stream()
        .filter(a -> !a.startsWith(LOOPBACK + ":") && !a.startsWith(LOOPBACK_MAPPED + ":"))
        .toList();
  }

  /** One {@code hex address:port} for each socket at which this process listens. */
  static List<String> all(long pid) throws IOException {
    Set<String> inodes = inodes(pid);
    List<String> addresses = new ArrayList<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(table))) {
        String[] columns = line.trim().split("\\s+", -1);
        if (columns[3].equals(LISTEN) && inodes.contains(columns[9])) {
          addresses.add(columns[1]);
        }
      }
    }
    return addresses;
  }

  private static Set<String> inodes(long pid) throws IOException {
    Set<String> inodes = new HashSet<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        Matcher socket = SOCKET.matcher(target(descriptor));
        if (socket.matches()) {
          inodes.add(socket.group(1));
        }
      }
    }
    return inodes;
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return ""; // Closed in the meantime.
    }
  }
}
