package dev.sluice.tool.flink;

import java.io.IOException;

/**
 * The JobManager was not asked, for want of a credential: a certificate or a header of the tool is
 * not there, or what stands before Flink does not take it. It may be there in a moment, as while a
 * token is replaced; it tells nothing of any job.
 */
public final class AccessException extends IOException {

  private static final long serialVersionUID = 1L;

  AccessException(String message) {
    super(message);
  }

  AccessException(String message, Exception cause) {
    super(message, cause);
  }
}
