package dev.cairn.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.OpaqueContent;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What every codec has to show, whatever its format: used by property tests, which give it seeds,
 * and by fuzz tests, which give it bytes.
 *
 * @param reader opens a log
 * @param writer writes one; null where the format is read only
 */
public record LogCodec(
    Function<InputStream, EventReader> reader,
    @Nullable Function<OutputStream, EventWriter> writer) {
  private static final int SEED_LOGS = 12;

  /** Makes a codec whose reader has the default limits. */
  public static LogCodec of(
      BiFunction<InputStream, Limits, EventReader> reader,
      @Nullable Function<OutputStream, EventWriter> writer) {
    return new LogCodec(in -> reader.apply(in, Limits.DEFAULT), writer);
  }

  /** Reads all of {@code log}. */
  public List<EventRecord> read(byte[] log) throws IOException {
    return EventRecords.readAll(reader.apply(new ByteArrayInputStream(log)));
  }

  /** Writes {@code records} as one log. */
  public byte[] write(List<EventRecord> records) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (EventWriter open = writerOrFail().apply(out)) {
      for (EventRecord record : records) {
        open.write(record);
      }
    }
    return out.toByteArray();
  }

  /** Returns some logs to begin fuzzing with: all kinds of records, and none. */
  public Stream<byte[]> seedLogs(OpaqueContent.Encoding encoding) {
    return LongStream.range(0, SEED_LOGS)
        .mapToObj(
            seed -> {
              try {
                return write(new EventRecords(seed, encoding).list((int) seed / 2));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  /**
   * What is written is read as the same records, however the bytes arrive, and written again it is
   * the same bytes.
   */
  public void assertRoundTrip(List<EventRecord> records) throws IOException {
    byte[] log = write(records);

    assertThat(read(log)).isEqualTo(records);
    assertThat(EventRecords.readAll(reader.apply(new Trickle(log)))).isEqualTo(records);
    assertThat(write(records)).isEqualTo(log);
  }

  /** Gives a few bytes at a time, as a socket may. */
  private static final class Trickle extends ByteArrayInputStream {
    private static final int MOST = 7;

    Trickle(byte[] bytes) {
      super(bytes);
    }

    @Override
    public synchronized int read(byte[] target, int offset, int length) {
      return super.read(target, offset, Math.min(length, MOST));
    }
  }

  /**
   * Whatever {@code log} is: whole records with offsets that follow each other, then the end or the
   * one documented exception, which stays; and what was read can be written and read again.
   */
  public void assertSafe(byte[] log) throws IOException {
    List<EventRecord> records = new ArrayList<>();
    EventReader open = reader.apply(new ByteArrayInputStream(log));
    try {
      long end = 0;
      for (EventRecord record = open.next(); record != null; record = open.next()) {
        records.add(record);
        assertThat(open.recordOffset()).isBetween(end, (long) log.length);
        assertThat(open.endOffset()).isBetween(open.recordOffset() + 1, (long) log.length);
        end = open.endOffset();
      }
    } catch (MalformedLogException e) {
      assertThat(e.offset()).isBetween(0L, (long) log.length);
      assertThat(e.format()).isEqualTo(open.format());
      assertThat(catchThrowable(open::next)).isSameAs(e);
    }
    if (writer != null) {
      assertThat(read(write(records))).isEqualTo(records);
    }
  }

  /**
   * Reading {@code log}, whatever it is, takes at most 50 ms of processor time and allocates at
   * most 64 bytes for each of its bytes, and 64 KiB.
   */
  public void assertCheap(byte[] log) throws IOException {
    assertThat(Hostile.cpuMs(() -> readUntilDamage(log))).as("ms").isLessThanOrEqualTo(50);
    assertThat(Hostile.allocatedBytes(() -> readUntilDamage(log)))
        .as("bytes")
        .isLessThanOrEqualTo(64L * log.length + (1 << 16));
  }

  private void readUntilDamage(byte[] log) throws IOException {
    EventReader open = reader.apply(new ByteArrayInputStream(log));
    try {
      EventRecord record = open.next();
      while (record != null) {
        record = open.next();
      }
    } catch (MalformedLogException e) {
      assertThat(e.offset()).isNotNegative();
    }
  }

  private Function<OutputStream, EventWriter> writerOrFail() {
    if (writer == null) {
      throw new IllegalStateException("this format is read only");
    }
    return writer;
  }
}
