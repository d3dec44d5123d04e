package dev.sluice.tool.flink;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.util.List;

/** Which machine a JobManager is on. */
public final class Machines {

  private Machines() {}

  /**
   * The hosts of those addresses that are not of this machine, or of which that is not known: a
   * {@code file:} directory of theirs is another one here, unless it is mounted.
   */
  public static List<String> others(List<URI> addresses) {
    return addresses.stream().filter(Machines::isOther).map(URI::getHost).toList();
  }

  private static boolean isOther(URI address) {
    try {
      InetAddress at = InetAddress.getByName(address.getHost());
      return !at.isLoopbackAddress() && NetworkInterface.getByInetAddress(at) == null;
    } catch (IOException unknown) {
      return true;
    }
  }
}
