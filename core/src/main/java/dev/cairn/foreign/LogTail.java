package dev.cairn.foreign;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.eventlog.format.ReadOptions;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The records of one register in one foreign log that no value has accounted for yet. Remembers how
 * far it has read, so that a log which grows is read once; formats that cannot be read from the
 * middle are read again. Memory: the newest records, bounded by number and size.
 */
final class LogTail {
  /** So many extends of others are explained at once, at most. */
  static final int MAX_RECORDS = 4096;

  private static final long MAX_BYTES = 16L << 20;
  private static final int SKIP_BUFFER = 1 << 16;

  private final ForeignLog log;
  private final RegisterId register;
  private final List<HashAlgorithm> banks;
  private final Deque<Candidate> candidates = new ArrayDeque<>();
  private long bytes; // of the contents in candidates
  private boolean dropped; // whether there were too many
  private long accountedPlace; // records before it are accounted for
  private boolean known; // whether anything is known to be accounted for
  private long readOffset; // up to here the log has been read
  private long readPlace; // so many records of the register are before that
  private @Nullable HashAlgorithm imaBank;
  private String problem = "";
  private boolean present;

  LogTail(ForeignLog log, RegisterId register, List<HashAlgorithm> banks) {
    this.log = log;
    this.register = register;
    this.banks = banks;
  }

  ForeignLog log() {
    return log;
  }

  /** Reads what has come since the last time; returns whether it was anything. */
  boolean refresh() {
    int before = candidates.size();
    long placeBefore = readPlace;
    problem = "";
    present = true;
    try {
      if (!canResume()) {
        restart();
        read(0);
      } else if (!read(readOffset)) {
        restart();
        accountedPlace = 0; // it is another log
        known = false;
        read(0);
      }
    } catch (NoSuchFileException e) {
      present = false;
    } catch (IOException e) {
      problem = "cannot be read: " + e.getMessage();
    }
    return candidates.size() != before || readPlace != placeBefore;
  }

  private boolean canResume() {
    return readOffset > 0
        && switch (log.format()) {
          case "systemd" -> true;
          case "ima" -> imaBank != null;
          default -> false;
        };
  }

  private void restart() {
    candidates.clear();
    bytes = 0;
    dropped = false;
    readOffset = 0;
    readPlace = 0;
  }

  /** Reads from {@code from} on; false if no record ends there: it is another log. */
  private boolean read(long from) throws IOException {
    LogFormat format = Keepers.format(log);
    ReadOptions options = ReadOptions.DEFAULT.withFormat(format);
    if (imaBank != null && from > 0) {
      options = options.withBank(imaBank);
    }
    InputStream in = log.open();
    try {
      if (!skip(in, from)) {
        in.close();
        return false;
      }
    } catch (IOException e) {
      try (in) {
        throw e;
      }
    }
    try (EventReader reader = EventLogs.open(in, options)) {
      for (EventRecord next = reader.next(); next != null; next = reader.next()) {
        readOffset = from + reader.endOffset();
        if (format == LogFormat.IMA && !next.digests().isEmpty()) {
          imaBank = next.digests().at(0).algorithm();
        }
        if (next.register().equals(register)) {
          take(next);
        }
      }
    } catch (MalformedLogException e) {
      if (from > 0 && readOffset == from && format == LogFormat.IMA) {
        return false; // the kernel tears no record: the beginning of its list was taken away
      }
      problem = "breaks off: " + e.getMessage(); // what was read before is whole
    }
    return true;
  }

  /** Skips by reading: files that the kernel makes as they are read have no size. */
  private static boolean skip(InputStream in, long count) throws IOException {
    byte[] buffer = new byte[(int) Math.min(SKIP_BUFFER, Math.max(count, 1))];
    long left = count;
    while (left > 0) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        return false;
      }
      left -= read;
    }
    return true;
  }

  private void take(EventRecord record) {
    long place = readPlace++;
    if (place < accountedPlace || !record.content().measured()) {
      return;
    }
    candidates.addLast(Candidate.of(record, banks, place));
    bytes += candidates.getLast().size();
    while (candidates.size() > MAX_RECORDS || (bytes > MAX_BYTES && candidates.size() > 1)) {
      bytes -= candidates.removeFirst().size();
      dropped = true;
    }
  }

  /** Returns the records that nothing accounts for, oldest first. */
  List<Candidate> candidates() {
    return new ArrayList<>(candidates);
  }

  /**
   * Returns whether the first of {@link #candidates()} is known to follow what is accounted for.
   */
  boolean isAnchored() {
    return known && !dropped;
  }

  /** Notes that all records up to {@code last} are in a value that the register had. */
  void account(Candidate last) {
    accountedPlace = last.place() + 1;
    known = true;
    dropped = false;
    while (!candidates.isEmpty() && candidates.getFirst().place() < accountedPlace) {
      bytes -= candidates.removeFirst().size();
    }
  }

  /** Notes that the register goes on from a value that includes what was read, explained or not. */
  void accountAll() {
    if (!candidates.isEmpty()) {
      account(candidates.getLast());
    }
  }

  /** Returns whether there is such a log. */
  boolean isPresent() {
    return present;
  }

  /** Returns what keeps it from explaining anything, for people. */
  String state() {
    String name = Keepers.name(log) + " " + log.location();
    List<String> parts = new ArrayList<>();
    if (!problem.isEmpty()) {
      parts.add(problem);
    }
    log.incomplete().ifPresent(parts::add);
    if (candidates.isEmpty()) {
      parts.add("has no further record of " + register);
    } else {
      parts.add(
          "has %s%d further %s of %s, which do not lead there"
              .formatted(
                  dropped ? "more than " : "",
                  candidates.size(),
                  candidates.size() == 1 ? "record" : "records",
                  register));
    }
    for (Candidate candidate : candidates) {
      if (candidate.missing() != null) {
        parts.add(
            "has no %s digest in record %d of %s"
                .formatted(candidate.missing().bank(), candidate.place(), register));
        break;
      }
    }
    return name + " " + String.join(", ", parts);
  }
}
