package dev.sluice.settings;

/**
 * A setting that stops the start. The message names the setting, its value and the remedy; there is
 * no stack trace, because the fault is not in the code.
 */
public class SettingsException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public SettingsException(String message) {
    super(message, null, false, false);
  }
}
