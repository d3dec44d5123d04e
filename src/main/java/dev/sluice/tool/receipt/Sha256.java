package dev.sluice.tool.receipt;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, which every Java platform has. */
public final class Sha256 {

  private static final int ID_BYTES = 16;

  private Sha256() {}

  /** A hash that begins. */
  public static MessageDigest begin() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The hash of a text in UTF-8. */
  public static byte[] of(String text) {
    return begin().digest(text.getBytes(StandardCharsets.UTF_8));
  }

  /** An id of Flink's that a text determines: 32 hexadecimal digits. */
  public static String id(String text) {
    return HexFormat.of().formatHex(of(text), 0, ID_BYTES);
  }
}
