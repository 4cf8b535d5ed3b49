package dev.cairn.cli.client;

import java.io.IOException;

/** The service did not answer: no connection, or one that broke or went silent. */
public final class UnreachableException extends IOException {
  private static final long serialVersionUID = 1L;

  UnreachableException(Endpoint endpoint, String detail, IOException cause) {
    super(endpoint + ": " + detail, cause);
  }
}
