package dev.sluice.tool.receipt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.sluice.support.KeyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that hold no key that receipts are signed or checked with. */
class KeyFileTest {

  private static final String CURE_SECRET = "openssl genpkey -algorithm ed25519 -out FILE";
  private static final String CURE_OPEN = "openssl pkey -in KEYFILE -pubout -out FILE";

  @TempDir Path folder;

  private KeyFiles keys;

  @BeforeEach
  void makeKeys() throws Exception {
    keys = KeyFiles.in(folder, "ours");
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed448", "X25519"})
  void aKeyOfAnotherAlgorithmIsRefused(String algorithm) throws Exception {
    KeyFiles other = KeyFiles.in(folder, "other", algorithm);
    refusedSecret(other.secret(), "its key is not one of Ed25519");
    refusedOpen(other.open(), "its key is not one of Ed25519");
  }

  @Test
  void oneHalfIsNotTheOther() throws Exception {
    refusedSecret(keys.open(), "it holds a PUBLIC KEY, not a PRIVATE KEY");
    refusedOpen(keys.secret(), "it holds a PRIVATE KEY, not a PUBLIC KEY");
  }

  @Test
  void whatHoldsNoKeyIsRefused() throws Exception {
    both(write("empty", ""), "it is empty");
    both(write("words", "a word\n"), "it holds no key in PEM");
    both(write("long", "x".repeat(20_000)), "it is longer than 16 KiB");
    both(folder, "it is a directory, a pipe or a device");
    both(folder.resolve("none"), "there is no such file");
    String pem = Files.readString(keys.secret());
    refusedSecret(write("two", pem + pem), "it holds more than one key");
    refusedSecret(
        write("encrypted", pem.replace("PRIVATE", "ENCRYPTED PRIVATE")),
        "it holds a ENCRYPTED PRIVATE KEY, not a PRIVATE KEY");
    refusedSecret(write("damaged", pem.replace("MC", "M=")), "its base64 is damaged");
    refusedSecret(write("cut", pem.replaceAll("(?m)^.{20}(.*)$", "$1")), "it holds no key in PEM");
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertTimeoutPreemptively(
        Duration.ofSeconds(30), () -> both(pipe, "it is a directory, a pipe or a device"));
  }

  /** Like the files of contexts, which name the files with passwords. */
  @ParameterizedTest
  @ValueSource(strings = {"rw-r--r--", "rw-r-----", "rw--w----", "rw-----w-", "rw----r--"})
  void aKeyThatOthersCanReadIsRefused(String permissions) throws Exception {
    Files.setPosixFilePermissions(keys.secret(), PosixFilePermissions.fromString(permissions));
    assertThatThrownBy(() -> ReceiptKeys.of(keys.secret(), null))
        .hasMessageContaining(keys.secret().toString())
        .hasMessageContaining("chmod 600");
    Files.setPosixFilePermissions(keys.open(), PosixFilePermissions.fromString(permissions));
    assertThat(ReceiptKeys.of(null, keys.open()).areGiven()).isTrue();
  }

  private Path write(String name, String text) throws IOException {
    Path file = Files.writeString(folder.resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private void both(Path file, String why) throws IOException {
    refusedSecret(file, why);
    refusedOpen(file, why);
  }

  private void refusedSecret(Path file, String why) throws IOException {
    assertThatThrownBy(() -> ReceiptKeys.of(file, null))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("the key %s can't be used: ".formatted(file), why, CURE_SECRET)
        .hasMessageNotContaining(Files.readAllLines(keys.secret()).get(1));
  }

  private static void refusedOpen(Path file, String why) {
    assertThatThrownBy(() -> ReceiptKeys.of(null, file))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("the key %s can't be used: ".formatted(file), why, CURE_OPEN);
  }
}
