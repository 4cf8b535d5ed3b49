package dev.cairn.backend.tdx.trace;

import dev.cairn.measure.ForeignLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The extends that others make while the kernel's trace is on, as a log in CEL-TLV. What Cairn's
 * own thread extends is not in it: the kernel is told to leave that thread out before it extends
 * anything.
 *
 * <p>Without rights, or on a kernel without the event, the log cannot be opened and says why; Cairn
 * works all the same. {@link #beforeExtend()} is for the thread that extends, all else for any.
 */
public final class KernelTrace implements ForeignLog {
  private static final Logger LOG = LoggerFactory.getLogger(KernelTrace.class);

  private final Path folder;
  private final @Nullable TraceInstance instance;
  private volatile String problem;
  private @Nullable Thread left; // the thread that the kernel leaves out

  private KernelTrace(Path folder, @Nullable TraceInstance instance, String problem) {
    this.folder = folder;
    this.instance = instance;
    this.problem = problem;
  }

  /**
   * Switches the trace on, in an instance of its own: nobody else's tracing is disturbed. One that
   * is there already is gone on with: an earlier Cairn made it, or the kernel at boot ({@code
   * trace_instance=NAME,tsm_mr:tsm_mr_write}).
   *
   * @param tracefs {@code /sys/kernel/tracing}
   * @param name of the instance; two Cairns on one kernel need two
   */
  public static KernelTrace start(Path tracefs, String name) {
    Path folder = tracefs.resolve("instances").resolve(name);
    try {
      return new KernelTrace(folder, TraceInstance.open(tracefs, folder), "");
    } catch (IOException e) {
      LOG.info("extends of others are not traced: {}", e.getMessage());
      return new KernelTrace(folder, null, String.valueOf(e.getMessage()));
    }
  }

  /** Makes sure that what the calling thread extends from now on is not traced. */
  public void beforeExtend() {
    if (instance == null || left == Thread.currentThread() || !problem.isEmpty()) {
      return;
    }
    try {
      instance.leaveOutCaller();
      left = Thread.currentThread();
    } catch (IOException e) {
      // from here on our own extends would look like those of others
      problem = "cannot tell our own extends from those of others: " + e.getMessage();
      LOG.warn("extends of others are not traced any more: {}", e.getMessage());
    }
  }

  @Override
  public Origin origin() {
    return Origin.KERNEL_TRACE;
  }

  @Override
  public String location() {
    return folder.toString();
  }

  @Override
  public String format() {
    return "cel-tlv";
  }

  /**
   * Opens what is in the buffer now, oldest first, numbered per register from 0.
   *
   * @throws IOException also if there is no trace, with the reason and the remedy
   */
  @Override
  public InputStream open() throws IOException {
    if (instance == null || !problem.isEmpty()) {
      throw new IOException(problem);
    }
    return new TraceStream(instance.read());
  }

  @Override
  public Optional<String> incomplete() {
    if (instance == null || !problem.isEmpty()) {
      return Optional.empty(); // open says why there is none
    }
    try {
      long lost = instance.lost();
      return lost == 0
          ? Optional.empty()
          : Optional.of(
              "lacks %d records that the kernel had no room for: more buffer_size_kb, before others extend"
                  .formatted(lost));
    } catch (IOException e) {
      return Optional.of("may lack records: " + e.getMessage());
    }
  }
}
