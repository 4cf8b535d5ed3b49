package dev.cairn.http;

import java.util.List;
import java.util.Optional;

/**
 * How to serve.
 *
 * @param listeners where; at least one. A TCP address that is not loopback is refused: there is no
 *     TLS yet
 * @param limits what to bear
 * @param version of the program, for the service document
 * @param socketGroup who may connect to UNIX sockets beside the owner; nothing: the group of the
 *     process
 * @param coco how to answer clients of the agent of Confidential Containers; nothing: not at all
 */
public record HttpSettings(
    List<ListenAddress> listeners,
    HttpLimits limits,
    String version,
    Optional<String> socketGroup,
    Optional<CocoSettings> coco) {
  /** Copies the list. */
  public HttpSettings {
    listeners = List.copyOf(listeners);
  }
}
