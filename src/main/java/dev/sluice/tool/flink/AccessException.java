package dev.sluice.tool.flink;

import java.io.IOException;

/**
 * The JobManager was not asked, because a credential is missing: a certificate or a header of the
 * tool is not there, or a proxy in front of Flink does not accept it. It may be there in a moment,
 * as while a token is replaced; it says nothing about any job.
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
