package dev.cairn.backend.tdx.emulation;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cairn.backend.tdx.fuse.Caller;
import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.FixedFile;
import dev.cairn.backend.tdx.fuse.FixedFolder;
import dev.cairn.backend.tdx.fuse.Folder;
import dev.cairn.backend.tdx.fuse.Node;
import dev.cairn.backend.tdx.fuse.OpenFile;
import dev.cairn.backend.tdx.fuse.Refusal;
import dev.cairn.backend.tdx.fuse.RegularFile;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SortedMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A trace instance of one CPU: the event tsm_mr_write with its switch and filter, marks of users,
 * and a buffer whose oldest lines go first.
 *
 * @see "Linux 7.3 kernel/trace/trace.c, trace_events_filter.c"
 */
final class TraceInstance extends Folder {
  private static final int LINES_PER_KIB = 10; // 96 bytes in the buffer of 7.3
  private static final Pattern FILTER = Pattern.compile("common_pid != ([0-9]+)\\n?");

  private final FixedFolder files = new FixedFolder();
  private final Deque<String> lines = new ArrayDeque<>();
  private int overrun;
  private int bufferKib = 1410;
  private boolean enabled;
  private int leftOut = -1;

  TraceInstance() {
    files.put("trace", new FixedFile(0640, this::text));
    files.put("trace_marker", new Control(0220, this::mark));
    files.put("trace_clock", new Control(0640, (caller, text) -> lines.clear()));
    files.put("buffer_size_kb", new Control(0640, this::resize));
    files.put("events/tsm_mr/tsm_mr_write/enable", new Control(0640, this::enable));
    files.put("events/tsm_mr/tsm_mr_write/filter", new Control(0640, this::filter));
    files.put("per_cpu/cpu0/stats", new FixedFile(0440, this::statistics));
  }

  @Override
  public SortedMap<String, Node> entries() {
    return files.entries();
  }

  void extended(Caller caller, Supplier<String> line) {
    if (enabled && caller.thread() != leftOut) {
      add(line.get());
    }
  }

  private void add(String line) {
    lines.addLast(line);
    while (lines.size() > bufferKib * LINES_PER_KIB) {
      lines.removeFirst();
      overrun++;
    }
  }

  private byte[] text() {
    String head = "# tracer: nop\n#\n#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n";
    return (head + String.join("", lines)).getBytes(ISO_8859_1);
  }

  private byte[] statistics() {
    return "entries: %d\noverrun: %d\ncommit overrun: 0\nbytes: 1\ndropped events: 0\nread events: 0\n"
        .formatted(lines.size(), overrun)
        .getBytes(ISO_8859_1);
  }

  private void mark(Caller caller, String text) {
    add(Trace.line(caller, "tracing_mark_write", text));
  }

  private void resize(Caller caller, String text) {
    bufferKib = Integer.parseInt(text.strip());
  }

  private void enable(Caller caller, String text) {
    enabled = text.strip().equals("1");
  }

  private void filter(Caller caller, String text) throws Refusal {
    Matcher match = FILTER.matcher(text);
    if (!match.matches()) {
      throw new Refusal(Errno.EINVAL);
    }
    leftOut = Integer.parseInt(match.group(1));
  }

  /** Takes a text. */
  private interface Store {
    void store(Caller caller, String text) throws Refusal;
  }

  /** A file that is written to say something. */
  private static final class Control extends RegularFile {
    private final Store store;

    Control(int permissions, Store store) {
      super(permissions);
      this.store = store;
    }

    @Override
    public long size() {
      return 0;
    }

    @Override
    public OpenFile open(Caller opener, boolean reading, boolean writing) {
      return new OpenFile() {
        @Override
        public int write(Caller writer, long offset, byte[] bytes) throws Refusal {
          store.store(writer, new String(bytes, ISO_8859_1));
          return bytes.length;
        }
      };
    }
  }
}
