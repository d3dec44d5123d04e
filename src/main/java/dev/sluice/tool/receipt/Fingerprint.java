package dev.sluice.tool.receipt;

import java.util.HexFormat;
import java.util.SortedMap;

/** Shows at a glance whether two jobs have the same settings. */
public final class Fingerprint {

  private Fingerprint() {}

  /** SHA-256 over {@code key=value} lines in the keys' order, hexadecimal. */
  public static String of(SortedMap<String, String> settings) {
    StringBuilder lines = new StringBuilder();
    settings.forEach((key, value) -> lines.append(key).append('=').append(value).append('\n'));
    return HexFormat.of().formatHex(Sha256.of(lines.toString()));
  }
}
