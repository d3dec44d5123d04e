package dev.sluice.tool.receipt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ed25519 keys in files as {@code openssl genpkey} and {@code openssl pkey -pubout} write them. No
 * message and no exception holds what is in a file.
 */
final class KeyFile {

  private static final String PRIVATE = "PRIVATE KEY";
  private static final String PUBLIC = "PUBLIC KEY";
  private static final String MAKE_PRIVATE =
      "make a key with 'openssl genpkey -algorithm ed25519 -out FILE' and chmod 600 FILE";
  private static final String MAKE_PUBLIC =
      "take the public half of a key with 'openssl pkey -in KEYFILE -pubout -out FILE'";

  /** Bytes; a key of Ed25519 needs some 120. */
  private static final int LONGEST = 16 << 10;

  private static final Pattern PEM =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

  private static final Set<PosixFilePermission> OF_OTHERS =
      Set.of(
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private KeyFile() {}

  /**
   * Reads a private key, PKCS#8, not encrypted.
   *
   * @throws IOException if it is none, or others may read it; it names the file and what to do
   */
  static PrivateKey ofPrivate(Path file) throws IOException {
    byte[] der = der(file, PRIVATE, MAKE_PRIVATE);
    refuseShared(file);
    try {
      return KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (GeneralSecurityException e) {
      throw unusable(file, "its key is not one of Ed25519", MAKE_PRIVATE);
    }
  }

  /**
   * Reads a public key.
   *
   * @throws IOException if it is none; it names the file and what to do
   */
  static PublicKey ofPublic(Path file) throws IOException {
    byte[] der = der(file, PUBLIC, MAKE_PUBLIC);
    try {
      return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
    } catch (GeneralSecurityException e) {
      throw unusable(file, "its key is not one of Ed25519", MAKE_PUBLIC);
    }
  }

  /**
   * Anyone who can read the key can sign. A group may read a file that is not this user's own: that
   * is how Kubernetes mounts a Secret for a user who is not root.
   */
  private static void refuseShared(Path file) throws IOException {
    Set<PosixFilePermission> now = Files.getPosixFilePermissions(file);
    boolean own =
        ProcessHandle.current()
            .info()
            .user()
            .filter(Files.getOwner(file).getName()::equals)
            .isPresent();
    if (now.stream().anyMatch(OF_OTHERS::contains)
        || (own && now.contains(PosixFilePermission.GROUP_READ))) {
      throw unusable(
          file,
          "others than its owner may read or write it, and whoever reads it can sign receipts",
          "chmod 600 it; if it was open for long, make a new one");
    }
  }

  private static byte[] der(Path file, String wanted, String make) throws IOException {
    Matcher block = PEM.matcher(text(file, make));
    if (!block.find()) {
      throw unusable(file, "it holds no key in PEM", make);
    }
    String found = block.group(1);
    if (!found.equals(wanted)) {
      throw unusable(file, "it holds a %s, not a %s".formatted(found, wanted), make);
    }
    String base64 = block.group(2);
    if (block.find()) {
      throw unusable(file, "it holds more than one key", make);
    }
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw unusable(file, "its base64 is damaged", make);
    }
  }

  private static String text(Path file, String make) throws IOException {
    if (!Files.exists(file)) {
      throw unusable(file, "there is no such file", make);
    }
    if (!Files.isRegularFile(file)) {
      throw unusable(file, "it is a directory, a pipe or a device", make);
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(LONGEST + 1);
    } catch (AccessDeniedException e) {
      throw unusable(file, "this user may not read it", "give it to this user");
    }
    if (bytes.length == 0 || bytes.length > LONGEST) {
      throw unusable(
          file, bytes.length == 0 ? "it is empty" : "it is longer than 16 KiB: no key is", make);
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static IOException unusable(Path file, String why, String cure) {
    return new IOException("the key %s can't be used: %s; %s".formatted(file, why, cure));
  }
}
