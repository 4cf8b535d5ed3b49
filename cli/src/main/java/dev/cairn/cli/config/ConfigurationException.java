package dev.cairn.cli.config;

import org.jspecify.annotations.Nullable;

/** A configuration cannot be used; the message names key, place, what was given and the remedy. */
public final class ConfigurationException extends Exception {
  private static final long serialVersionUID = 1L;

  ConfigurationException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  ConfigurationException(String message) {
    this(message, null);
  }
}
