package dev.cairn.http;

import java.util.Optional;

/** Whether the server itself is fit to be given work. Any thread. */
final class Readiness {
  private enum Phase {
    STARTING,
    SERVING,
    SHUTTING_DOWN
  }

  private volatile Phase phase = Phase.STARTING;

  void serving() {
    phase = Phase.SERVING;
  }

  void shuttingDown() {
    phase = Phase.SHUTTING_DOWN;
  }

  boolean isShuttingDown() {
    return phase == Phase.SHUTTING_DOWN;
  }

  /** Returns why not, or nothing if it is. */
  Optional<String> reason() {
    return switch (phase) {
      case STARTING -> Optional.of("the service is starting");
      case SERVING -> Optional.empty();
      case SHUTTING_DOWN -> Optional.of("the service is going down");
    };
  }
}
