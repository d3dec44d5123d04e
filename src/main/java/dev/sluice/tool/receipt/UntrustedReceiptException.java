package dev.sluice.tool.receipt;

import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;

/** A receipt that was to be signed, and is not, or not by the key that was given. */
public final class UntrustedReceiptException extends IOException {

  private static final long serialVersionUID = 1L;

  private UntrustedReceiptException(String message) {
    super(message);
  }

  /**
   * One without a signature.
   *
   * @param where the receipt is
   */
  static UntrustedReceiptException unsigned(String where) {
    return new UntrustedReceiptException(
        RefusalCode.RECEIPT_UNSIGNED.in(
            ("%s is not signed, and a key was given: whoever can write there could have written it. Name the "
                    + "signed receipt of the stop; to use this one as it is, give no key: not by --sign or "
                    + "--verify-key, "
                    + "SLUICE_SIGN or SLUICE_VERIFY_KEY, nor by a context")
                .formatted(Unasked.shown(where))));
  }

  /** A snapshot that no receipt vouches for. */
  static UntrustedReceiptException missing(String where) {
    return new UntrustedReceiptException(
        RefusalCode.RECEIPT_UNSIGNED.in(
            ("there is no receipt next to %s, and a key was given: nothing that is signed vouches for this "
                    + "snapshot. Name the signed receipt's file; to use the snapshot as it is, give no key: not "
                    + "by --sign "
                    + "or --verify-key, SLUICE_SIGN or SLUICE_VERIFY_KEY, nor by a context")
                .formatted(Unasked.shown(where))));
  }

  /** One whose signature does not hold. */
  static UntrustedReceiptException forged(String where) {
    return new UntrustedReceiptException(
        RefusalCode.RECEIPT_SIGNATURE.in(
            ("%s was changed after it was signed, or was signed with another key: do not use it. Give the key of "
                    + "whoever made the stop, or take a copy of the receipt that was not changed")
                .formatted(Unasked.shown(where))));
  }
}
