package dev.cairn.eventlog.ima;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LittleEndianInput;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.RecordNumbers;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the layout in {@link ImaBinary}; memory is bounded by 64 KiB and one record. */
final class ImaBinaryReader implements EventReader {
  private final LittleEndianInput in;
  private final Limits limits;
  private final RecordNumbers numbers;
  private @Nullable HashAlgorithm bank;
  private @Nullable KexecHead kexec;
  private boolean begun;
  private byte[] lastName = {};
  private String lastTemplate = "";
  private long records;
  private long recordOffset;
  private long endOffset;
  private @Nullable MalformedLogException failure;

  ImaBinaryReader(InputStream in, Limits limits, @Nullable HashAlgorithm bank) {
    this.in = new LittleEndianInput(in, LogFormat.IMA);
    this.limits = limits;
    this.bank = bank;
    this.numbers = new RecordNumbers(RegisterId.Kind.PCR, limits.maxRegisters());
  }

  @Override
  public @Nullable EventRecord next() throws IOException {
    if (failure != null) {
      throw failure;
    }
    try {
      if (!begun) {
        begin();
      }
      if (atEnd()) {
        return null;
      }
      long offset = in.offset();
      EventRecord record = readRecord(bank());
      records++;
      recordOffset = offset;
      endOffset = in.offset();
      return record;
    } catch (MalformedLogException e) {
      failure = e;
      throw e;
    }
  }

  private void begin() throws IOException {
    Optional<KexecHead> head = KexecHead.parse(in.peek(KexecHead.SIZE));
    if (head.isPresent()) {
      kexec = head.get();
      in.skip(KexecHead.SIZE);
      if (bank == null) {
        bank = HashAlgorithm.SHA1;
      }
    }
    begun = true;
  }

  private HashAlgorithm bank() throws IOException {
    if (bank == null) {
      bank =
          ImaBankFinder.find(in.peek(ImaBinary.WINDOW))
              .orElseThrow(
                  () ->
                      in.malformed(
                          "no template name behind a digest of 20, 32, 48 or 64 bytes: not the"
                              + " beginning of a measurement list"));
    }
    return bank;
  }

  private boolean atEnd() throws IOException {
    if (kexec == null || records < kexec.records()) {
      if (in.left(1) == 0) {
        requireAllCarried();
        return true;
      }
      return false;
    }
    if (in.offset() != kexec.bytes()) {
      throw in.malformed(
          "%d records end here, the list's head says %d bytes".formatted(records, kexec.bytes()));
    }
    in.skipAll(0); // the segment may be longer than the list
    if (in.left(1) != 0) {
      throw in.malformed("bytes behind the %d records of the list's head".formatted(records));
    }
    return true;
  }

  private void requireAllCarried() throws MalformedLogException {
    if (kexec != null) {
      throw in.malformed(
          "the list ends after %d records, its head says %d".formatted(records, kexec.records()));
    }
  }

  private EventRecord readRecord(HashAlgorithm algorithm) throws IOException {
    long pcr = in.u32("PCR");
    Bytes digest = in.bytes(algorithm.sizeBytes(), "template digest");
    String template = readName();
    Bytes data = template.equals(ImaFields.IMA) ? readOldData() : readData();
    if (!numbers.turnTo(pcr)) {
      throw in.malformed(
          "more than %d different registers in one list".formatted(limits.maxRegisters()));
    }
    return new EventRecord(
        numbers.take(),
        numbers.register(),
        DigestSet.of(new Digest(algorithm, digest)),
        new ImaTemplate(template, data));
  }

  private String readName() throws IOException {
    long offset = in.offset();
    int length = in.length("length of the template name", ImaBinary.MAX_NAME);
    if (length == lastName.length && length > 0 && in.nextAre(lastName)) {
      in.skip(length);
      return lastTemplate;
    }
    byte[] name = in.bytes(length, "template name").toArray();
    if (length == 0 || !ImaBankFinder.isTemplateName(name)) {
      throw in.malformedAt(
          offset,
          "template name of %d bytes: needs lower-case letters, digits, '-' and '|'"
              .formatted(length));
    }
    lastName = name;
    lastTemplate = new String(name, StandardCharsets.US_ASCII);
    return lastTemplate;
  }

  private Bytes readData() throws IOException {
    return in.bytes(in.length("length of the template data", limits.maxContentBytes()), "data");
  }

  /** Template {@code ima} has no length in front: its two fields follow at once. */
  private Bytes readOldData() throws IOException {
    int head = ImaFields.IMA_DIGEST + ImaFields.LENGTH;
    in.need(head, "digest of the file and length of its name");
    long nameLength = Integer.toUnsignedLong(in.peekInt(ImaFields.IMA_DIGEST));
    if (nameLength > limits.maxContentBytes() - head) {
      throw in.malformed(
          "length of the file name says %d, at most %d is accepted"
              .formatted(nameLength, limits.maxContentBytes() - head));
    }
    return in.bytes(head + (int) nameLength, "digest and name of the file");
  }

  @Override
  public long recordOffset() {
    return recordOffset;
  }

  @Override
  public long endOffset() {
    return endOffset;
  }

  @Override
  public LogFormat format() {
    return LogFormat.IMA;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
