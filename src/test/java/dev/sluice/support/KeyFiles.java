package dev.sluice.support;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;

/**
 * A pair of keys in files as openssl writes them.
 *
 * @param secret the private key, for its owner alone
 * @param open the public key
 */
public record KeyFiles(Path secret, Path open) {

  /** A new pair of Ed25519. */
  public static KeyFiles in(Path folder, String name) throws IOException, GeneralSecurityException {
    return in(folder, name, "Ed25519");
  }

  /** A new pair of another algorithm. */
  public static KeyFiles in(Path folder, String name, String algorithm)
      throws IOException, GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance(algorithm).generateKeyPair();
    Path secret =
        Files.createFile(
            folder.resolve(name + ".pem"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(secret, pem("PRIVATE KEY", pair.getPrivate()));
    return new KeyFiles(
        secret,
        Files.writeString(folder.resolve(name + ".pub.pem"), pem("PUBLIC KEY", pair.getPublic())));
  }

  private static String pem(String label, Key key) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(
            label,
            Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(key.getEncoded()),
            label);
  }
}
