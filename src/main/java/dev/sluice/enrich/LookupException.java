package dev.sluice.enrich;

import java.util.concurrent.CompletionException;

/** A request that failed. */
final class LookupException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final boolean worthARetry;

  LookupException(String why, boolean worthARetry) {
    super(why, null, false, false);
    this.worthARetry = worthARetry;
  }

  /** Whether another attempt may fare better. */
  static boolean isWorthARetry(Throwable thrown) {
    return root(thrown) instanceof LookupException failed && failed.worthARetry;
  }

  /** What a future wrapped. */
  static Throwable root(Throwable thrown) {
    return thrown instanceof CompletionException && thrown.getCause() != null
        ? root(thrown.getCause())
        : thrown;
  }
}
