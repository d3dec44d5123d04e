package dev.sluice.tool.stop;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Whether a job's brokers are there at all, without speaking to them: the job does not publish what
 * a client needs for that.
 */
final class BrokerSight {

  private static final String SERVERS = "sluice.kafka.bootstrap-servers";
  private static final int PATIENCE_MS = 2_000;

  private BrokerSight() {}

  /**
   * Says that every server refuses connections, so that the job reads nothing; empty if one does
   * not, or this machine does not know, as where it can't resolve their names.
   *
   * @param settings as the job publishes them
   */
  static String refusing(Map<String, String> settings) {
    List<String> refusing = new ArrayList<>();
    for (String server : settings.getOrDefault(SERVERS, "").split(",", -1)) {
      if (server.isBlank()) {
        continue;
      }
      if (!refuses(server.strip())) {
        return "";
      }
      refusing.add(server.strip());
    }
    return refusing.isEmpty()
        ? ""
        : "its brokers at %s take no connection".formatted(String.join(", ", refusing));
  }

  private static boolean refuses(String server) {
    int colon = server.lastIndexOf(':');
    if (colon < 1 || !server.substring(colon + 1).matches("[0-9]{1,5}")) {
      return false;
    }
    String host = server.substring(0, colon).replaceAll("^\\[|]$", "");
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(
              InetAddress.getByName(host), Integer.parseInt(server.substring(colon + 1))),
          PATIENCE_MS);
      return false;
    } catch (ConnectException e) {
      return true;
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }
}
