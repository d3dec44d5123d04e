package dev.sluice.tool.receipt;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SortedMap;

/** Tells at a glance whether two jobs have the same settings. */
public final class Fingerprint {

  private Fingerprint() {}

  /** SHA-256 over {@code key=value} lines in the keys' order, hexadecimal. */
  public static String of(SortedMap<String, String> settings) {
    StringBuilder lines = new StringBuilder();
    settings.forEach((key, value) -> lines.append(key).append('=').append(value).append('\n'));
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(sha.digest(lines.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
