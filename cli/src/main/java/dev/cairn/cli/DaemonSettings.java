package dev.cairn.cli;

import dev.cairn.cli.config.Configuration;
import dev.cairn.cli.config.Key;
import dev.cairn.eventlog.Limits;
import dev.cairn.http.HttpLimits;
import dev.cairn.http.HttpSettings;
import dev.cairn.http.ListenAddress;
import dev.cairn.service.MeasuredLogOptions;
import dev.cairn.service.MeasuredLogOptions.OnDivergence;
import dev.cairn.store.StoreOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The configuration in the terms of the parts that it configures. Making one checks everything that
 * can be checked without touching a device or a disk.
 *
 * @param state folder of the log
 * @param store how its files are kept
 * @param log limits and policy of the measured log
 * @param http where and how it is served
 * @param shutdownGrace how long requests in flight may take at the end
 */
record DaemonSettings(
    Path state,
    StoreOptions store,
    MeasuredLogOptions log,
    HttpSettings http,
    Duration shutdownGrace) {
  /**
   * Translates {@code configuration}.
   *
   * @throws CommandException that names a key whose value is out of range
   */
  static DaemonSettings of(Configuration configuration) throws CommandException {
    try {
      return new DaemonSettings(
          Backends.state(configuration),
          new StoreOptions(
              configuration.bytes(Key.SEGMENT_SIZE),
              configuration.text(Key.GROUP),
              configuration.count(Key.IDEMPOTENCY_KEYS),
              Limits.DEFAULT),
          new MeasuredLogOptions(
              configuration.count(Key.QUEUE_LIMIT),
              configuration.count(Key.BATCH_LIMIT),
              configuration.count(Key.CHECKPOINT_INTERVAL),
              size(configuration, Key.EVENT_LIMIT),
              onDivergence(configuration)),
          new HttpSettings(
              listeners(configuration),
              httpLimits(configuration),
              Main.Version.current(),
              configuration.text(Key.GROUP),
              CocoConfiguration.of(configuration)),
          configuration.duration(Key.SHUTDOWN_TIMEOUT));
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitStatus.UNUSABLE_INPUT, "configuration: " + e.getMessage(), e);
    }
  }

  private static HttpLimits httpLimits(Configuration configuration) {
    return new HttpLimits(
        size(configuration, Key.BODY_LIMIT),
        size(configuration, Key.ALL_BODIES_LIMIT),
        size(configuration, Key.HEADER_LIMIT),
        size(configuration, Key.REQUEST_LINE_LIMIT),
        configuration.count(Key.CONNECTIONS),
        configuration.count(Key.LOG_TRANSFERS),
        configuration.count(Key.EVENT_STREAMS),
        configuration.duration(Key.REQUEST_TIMEOUT),
        configuration.duration(Key.IDLE_TIMEOUT),
        configuration.duration(Key.HEARTBEAT));
  }

  private static List<ListenAddress> listeners(Configuration configuration) {
    List<ListenAddress> listeners = new ArrayList<>();
    for (String text : configuration.texts(Key.LISTEN)) {
      listeners.add(ListenAddress.parse(text));
    }
    return listeners;
  }

  private static int size(Configuration configuration, Key key) {
    long bytes = configuration.bytes(key);
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(key.label() + ": " + bytes + ": needs less than 2 GiB");
    }
    return (int) bytes;
  }

  private static OnDivergence onDivergence(Configuration configuration) {
    String text = configuration.text(Key.ON_DIVERGENCE).orElseThrow();
    return switch (text) {
      case "refuse" -> OnDivergence.REFUSE;
      case "continue" -> OnDivergence.CONTINUE;
      default ->
          throw new IllegalArgumentException(
              Key.ON_DIVERGENCE.label() + ": '" + text + "': needs refuse or continue");
    };
  }
}
