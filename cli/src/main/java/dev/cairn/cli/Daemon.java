package dev.cairn.cli;

import dev.cairn.cli.config.Configuration;
import dev.cairn.http.CairnServer;
import dev.cairn.http.ListenAddress;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendProvider;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.service.MeasuredLog;
import dev.cairn.service.ServiceStatus;
import dev.cairn.store.LogStore;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that {@code serve} runs: lock, backend, log, server; opened in this order and closed
 * in the reverse one. {@link #close()} may come from any thread.
 */
final class Daemon implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

  private final InstanceLock lock;
  private final MeasuredLog log;
  private final CairnServer server;
  private final DaemonSettings settings;

  private Daemon(InstanceLock lock, MeasuredLog log, CairnServer server, DaemonSettings settings) {
    this.lock = lock;
    this.log = log;
    this.server = server;
    this.settings = settings;
  }

  /**
   * Opens everything; it answers when this returns.
   *
   * @throws CommandException if something that it needs is missing, taken or damaged
   */
  static Daemon start(Configuration configuration) throws CommandException, IOException {
    DaemonSettings settings = DaemonSettings.of(configuration);
    BackendProvider provider = Backends.find(configuration);
    InstanceLock lock = InstanceLock.take(settings.state());
    MeasuredLog log = null;
    try {
      log = openLog(provider, configuration, settings);
      return new Daemon(lock, log, CairnServer.start(settings.http(), log), settings);
    } catch (IOException e) {
      release(log, lock);
      throw cannotServe(e);
    } catch (CommandException | RuntimeException e) {
      release(log, lock);
      throw e;
    }
  }

  private static void release(@Nullable MeasuredLog log, InstanceLock lock) {
    if (log != null) {
      log.close();
    }
    lock.close();
  }

  private static MeasuredLog openLog(
      BackendProvider provider, Configuration configuration, DaemonSettings settings)
      throws CommandException, IOException {
    MeasurementBackend backend = Backends.open(provider, configuration);
    LogStore store;
    try {
      store = LogStore.open(settings.state(), settings.store());
    } catch (IOException | RuntimeException e) {
      closeAfter(e, backend);
      throw e;
    }
    try {
      return MeasuredLog.open(store, backend, settings.log()); // closes both if it fails
    } catch (BackendException e) {
      throw new CommandException(ExitStatus.UNAVAILABLE, e);
    }
  }

  private static void closeAfter(Exception failure, MeasurementBackend backend) {
    try {
      backend.close();
    } catch (BackendException e) {
      failure.addSuppressed(e);
    }
  }

  /** The environment is at fault, not an input that the user gave. */
  private static CommandException cannotServe(IOException e) {
    return new CommandException(ExitStatus.UNAVAILABLE, "cannot serve: " + ErrorReport.line(e), e);
  }

  List<ListenAddress> addresses() {
    return server.addresses();
  }

  ServiceStatus status() {
    return log.status();
  }

  /**
   * Ends in the order that loses nothing: no new events, requests in flight finish, accepted events
   * become durable, device and lock are released.
   */
  @Override
  public void close() {
    LOG.info("going down");
    server.shutdown(settings.shutdownGrace());
    log.close();
    lock.close();
    LOG.info("down: everything accepted is in the log and in the registers");
  }
}
