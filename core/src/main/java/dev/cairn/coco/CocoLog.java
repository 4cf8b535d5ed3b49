package dev.cairn.coco;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.service.LogSnapshot;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The log as a verifier of Confidential Containers takes it: the firmware's log without its end
 * mark, or a header where there is none; a record for every extend of Cairn; an end mark. Any
 * thread; blocks.
 *
 * @see "confidential-containers/guest-components, attester/src/utils.rs, read_eventlog"
 */
public final class CocoLog implements Closeable {
  private static final Bytes END = Bytes.filled(Long.BYTES, 0xFF);

  private final Bytes head;
  private final boolean fromFirmware;
  private final RecordFile records;

  private CocoLog(Bytes head, boolean fromFirmware, RecordFile records) {
    this.head = head;
    this.fromFirmware = fromFirmware;
    this.records = records;
  }

  /**
   * Prepares it.
   *
   * @param folder where the encoded records are kept while this is open
   * @param bank the one bank that the records carry
   * @param header what the log begins with where no firmware began one
   * @param firmware the firmware's log, read now and closed; null if there is none
   * @throws IOException if the firmware's log cannot be parsed, or its header or {@code header}
   *     does not declare {@code bank}, so that a verifier would refuse every log of this machine;
   *     or if the folder cannot be written
   */
  public static CocoLog open(
      Path folder, HashAlgorithm bank, LogHeader header, @Nullable InputStream firmware)
      throws IOException {
    if (firmware == null) {
      if (!header.declares(bank)) {
        throw new IOException(
            "header %s does not declare %s: a verifier would refuse the log; choose UPSTREAM"
                .formatted(header, bank.bank()));
      }
      return new CocoLog(header.bytes(), false, RecordFile.in(folder, bank));
    }
    try (firmware) {
      FirmwarePart part = FirmwarePart.read(firmware);
      if (!part.declares(bank)) {
        throw new IOException(
            "the firmware's log does not declare %s: a verifier would refuse our records behind it"
                .formatted(bank.bank()));
      }
      return new CocoLog(part.bytes(), true, RecordFile.in(folder, bank));
    }
  }

  /**
   * Returns the log up to {@code position}; nothing if there is neither a firmware log nor a
   * record, which verifiers tell from an empty log.
   *
   * @param snapshot has at least those records
   * @throws IOException if the log cannot be read or encoded
   */
  public Optional<Part> upTo(LogSnapshot snapshot, long position) throws IOException {
    long length = records.lengthAt(snapshot, position);
    if (length == 0 && !fromFirmware) {
      return Optional.empty();
    }
    return Optional.of(new Part(length));
  }

  /** Returns how many bytes the records before {@code position} have, without header and end. */
  public long recordBytes(LogSnapshot snapshot, long position) throws IOException {
    return records.lengthAt(snapshot, position);
  }

  /**
   * Returns bytes {@code from} to {@code to} (exclusive) of the records, as the agent's file has.
   */
  public InputStream records(long from, long to) {
    return new RecordStream(records, from, to);
  }

  /** Gives the file back. */
  @Override
  public void close() throws IOException {
    records.close();
  }

  /** A log of fixed length; bytes of it never change. */
  public final class Part {
    private final long recordBytes;

    private Part(long recordBytes) {
      this.recordBytes = recordBytes;
    }

    /** Returns the length in bytes. */
    public long length() {
      return head.length() + recordBytes + END.length();
    }

    /** Returns all of it: head, records, end mark. */
    public InputStream open() {
      return new SequenceInputStream(
          Collections.enumeration(
              List.of(
                  new ByteArrayInputStream(head.toArray()),
                  records(0, recordBytes),
                  new ByteArrayInputStream(END.toArray()))));
    }
  }
}
