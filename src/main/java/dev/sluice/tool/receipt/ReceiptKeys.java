package dev.sluice.tool.receipt;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import org.jspecify.annotations.Nullable;

/**
 * The keys that receipts are signed and checked with: Ed25519, so that a checker needs no secret.
 * With HMAC everyone who can verify could forge.
 *
 * <p>A private key alone checks, too: Ed25519 signs the same bytes always alike (RFC 8032, 5.1.6),
 * so its owner signs again and compares. The JDK has no call that derives the public key from the
 * private one, and this needs none, nor a second file next to the first that could be another
 * key's.
 *
 * <p>If both are given a receipt may be signed by either: that is how one key takes another's
 * place.
 */
public final class ReceiptKeys {

  /** Nothing is signed, and no signature is checked. */
  public static final ReceiptKeys NONE = new ReceiptKeys(null, null);

  private static final String ALGORITHM = "Ed25519";

  private final @Nullable PrivateKey signer;
  private final @Nullable PublicKey checker;

  private ReceiptKeys(@Nullable PrivateKey signer, @Nullable PublicKey checker) {
    this.signer = signer;
    this.checker = checker;
  }

  /**
   * Reads them.
   *
   * @param sign a file with a private key; null for none
   * @param check a file with a public key; null for none
   * @throws IOException if one can't be used; it names the file and what to do
   */
  public static ReceiptKeys of(@Nullable Path sign, @Nullable Path check) throws IOException {
    return sign == null && check == null
        ? NONE
        : new ReceiptKeys(
            sign == null ? null : KeyFile.ofPrivate(sign),
            check == null ? null : KeyFile.ofPublic(check));
  }

  /** Whether a receipt that is read must be signed. */
  public boolean areGiven() {
    return canSign() || checker != null;
  }

  /** Whether a receipt that is written will be signed. */
  public boolean canSign() {
    return signer != null;
  }

  /**
   * For a snapshot without a receipt.
   *
   * @param where the snapshot is
   * @throws UntrustedReceiptException if there must be one
   */
  public void requireReceipt(String where) throws UntrustedReceiptException {
    if (areGiven()) {
      throw UntrustedReceiptException.missing(where);
    }
  }

  /** The signature of bytes. */
  byte[] sign(byte[] bytes) {
    if (signer == null) {
      throw new IllegalStateException("there is no key to sign with");
    }
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(signer);
      signature.update(bytes);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK signs with Ed25519", e);
    }
  }

  boolean haveSigned(byte[] bytes, byte[] signature) {
    return (signer != null && MessageDigest.isEqual(sign(bytes), signature))
        || (checker != null && isOf(checker, bytes, signature));
  }

  private static boolean isOf(PublicKey key, byte[] bytes, byte[] signature) {
    try {
      Signature check = Signature.getInstance(ALGORITHM);
      check.initVerify(key);
      check.update(bytes);
      return check.verify(signature);
    } catch (GeneralSecurityException e) { // As for bytes that are no signature of Ed25519.
      return false;
    }
  }

  @Override
  public String toString() {
    return "ReceiptKeys[signs %s, checks %s]".formatted(canSign(), areGiven());
  }
}
