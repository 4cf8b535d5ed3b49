package dev.cairn.eventlog.tcg;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LittleEndianInput;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.RecordNumbers;
import dev.cairn.eventlog.UnknownDigest;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the layout in {@link Tcg2}; memory is bounded by one record. */
final class Tcg2Reader implements EventReader {
  private static final Bytes TD_SHIM = Bytes.owning("td-shim".getBytes(StandardCharsets.US_ASCII));

  private final LittleEndianInput in;
  private final Limits limits;
  private final RegisterId.@Nullable Kind kindHint;
  private @Nullable SpecIdEvent header;
  private RecordNumbers numbers;
  private long recordOffset;
  private long endOffset;
  private boolean ended;
  private @Nullable MalformedLogException failure;

  Tcg2Reader(InputStream in, Limits limits, RegisterId.@Nullable Kind kindHint) {
    this.in = new LittleEndianInput(in, LogFormat.TCG2);
    this.limits = limits;
    this.kindHint = kindHint;
    this.numbers = new RecordNumbers(RegisterId.Kind.PCR, limits.maxRegisters());
  }

  @Override
  public @Nullable EventRecord next() throws IOException {
    if (failure != null) {
      throw failure;
    }
    if (ended || atEnd()) {
      ended = true;
      return null;
    }
    try {
      long offset = in.offset();
      EventRecord record = header == null ? readHeader() : readRecord(header);
      recordOffset = offset;
      endOffset = in.offset();
      return record;
    } catch (MalformedLogException e) {
      failure = e;
      throw e;
    }
  }

  private boolean atEnd() throws IOException {
    if (in.left(1) == 0) {
      return true;
    }
    if (header == null) {
      return false;
    }
    if (in.nextAre(Tcg2.END_MARK, 0xFF)) {
      in.skipAll(0xFF);
      in.skipAll(0);
      requirePaddingOnly("after the end mark");
      return true;
    }
    if (in.nextAre(Tcg2.LEAST_ZERO_PADDING, 0)) {
      in.skipAll(0);
      requirePaddingOnly("after padding with zeros");
      return true;
    }
    return false;
  }

  private void requirePaddingOnly(String where) throws IOException {
    if (in.left(1) != 0) {
      failure =
          in.malformed(
              "byte 0x%02X %s, which must reach to the end of the log"
                  .formatted(in.peek(1).at(0), where));
      throw failure;
    }
  }

  private EventRecord readHeader() throws IOException {
    in.need(Tcg2.HEADER_HEAD, "the header record");
    long index = in.u32("index");
    long type = in.u32("type");
    if (type != EventTypes.EV_NO_ACTION) {
      throw in.malformedAt(
          in.offset() - Integer.BYTES,
          "event type 0x%X, a header record has 3 (EV_NO_ACTION)".formatted(type));
    }
    Bytes digest = in.bytes(HashAlgorithm.SHA1.sizeBytes(), "digest");
    int size = in.length("size of the header event", limits.maxContentBytes());
    long offset = in.offset();
    Bytes data = in.bytes(size, "header event");
    SpecIdEvent event = parse(data, offset);
    if (event.claimedVendorInfoSize() != event.vendorInfo().length()) {
      data = withStrayVendorInfo(data, event);
    }
    header = event;
    numbers = new RecordNumbers(kind(index, event), limits.maxRegisters());
    return record(
        index,
        DigestSet.of(new Digest(HashAlgorithm.SHA1, digest)),
        List.of(),
        new PcClientEvent(type, data));
  }

  private SpecIdEvent parse(Bytes data, long offset) throws MalformedLogException {
    SpecIdEvent event;
    try {
      event = SpecIdEvent.parse(data);
    } catch (IllegalArgumentException e) {
      throw in.malformedAt(offset, String.valueOf(e.getMessage()));
    }
    if (event.algorithms().size() > limits.maxDigests()) {
      throw in.malformedAt(
          offset,
          "%d algorithms declared, at most %d are accepted"
              .formatted(event.algorithms().size(), limits.maxDigests()));
    }
    return event;
  }

  /**
   * Takes the vendor info that the header's event size leaves out, if it is there: no record begins
   * behind the header, but one does as many bytes later as the vendor info is long.
   */
  private Bytes withStrayVendorInfo(Bytes data, SpecIdEvent event) throws IOException {
    int size = event.claimedVendorInfoSize();
    Bytes next = in.peek(size + Tcg2.LEAST_ZERO_PADDING);
    if (mayBegin(next, 0, event)) {
      return data;
    }
    if (next.length() < size || !mayBegin(next, size, event)) {
      throw in.malformed(
          "the header's event size leaves out its %d bytes of vendor info, and no record begins"
                  .formatted(size)
              + " before or behind them");
    }
    byte[] whole = new byte[data.length() + size];
    data.copyTo(whole, 0);
    in.bytes(size, "vendor info").copyTo(whole, data.length());
    return Bytes.owning(whole);
  }

  private boolean mayBegin(Bytes next, int from, SpecIdEvent event) {
    if (next.length() == from) {
      return true; // the log ends here
    }
    if (next.length() < from + Tcg2.RECORD_HEAD + Short.BYTES) {
      return next.slice(from, next.length()).isFilledWith(0xFF);
    }
    var buffer = next.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    if (buffer.getLong(from) == -1) {
      return true;
    }
    long count = Integer.toUnsignedLong(buffer.getInt(from + 2 * Integer.BYTES));
    int algorithm = Short.toUnsignedInt(buffer.getShort(from + Tcg2.RECORD_HEAD));
    if (count == 0) {
      return next.slice(from, next.length()).isFilledWith(0);
    }
    return count <= limits.maxDigests() && sizeOf(algorithm, event) >= 0;
  }

  private RegisterId.Kind kind(long index, SpecIdEvent event) {
    if (kindHint != null) {
      return kindHint;
    }
    boolean ccmr = index == 1 || event.zeroSignature() || event.vendorInfo().startsWith(TD_SHIM);
    return ccmr ? RegisterId.Kind.CCMR : RegisterId.Kind.PCR;
  }

  private EventRecord readRecord(SpecIdEvent declared) throws IOException {
    in.need(Tcg2.RECORD_HEAD, "the head of a record");
    long index = in.u32("index");
    long type = in.u32("type");
    int count = in.length("number of digests", limits.maxDigests());
    List<Digest> digests = new ArrayList<>(count);
    List<UnknownDigest> unknown = List.of();
    for (int i = 0; i < count; i++) {
      long offset = in.offset();
      int id = in.u16("algorithm");
      Bytes value = readDigest(id, offset, declared);
      requireNew(id, offset, digests, unknown);
      Optional<HashAlgorithm> algorithm = HashAlgorithm.ofTpmId(id);
      if (algorithm.isPresent()) {
        digests.add(new Digest(algorithm.get(), value));
      } else {
        unknown = new ArrayList<>(unknown);
        unknown.add(new UnknownDigest(id, value));
        unknown.sort(Comparator.comparingInt(UnknownDigest::algorithmId));
      }
    }
    int size = in.length("size of the event data", limits.maxContentBytes());
    Bytes data = in.bytes(size, "event data");
    return record(index, DigestSet.of(digests), unknown, new PcClientEvent(type, data));
  }

  private Bytes readDigest(int id, long offset, SpecIdEvent declared) throws IOException {
    int size = sizeOf(id, declared);
    if (size < 0) {
      throw in.malformedAt(
          offset,
          "algorithm 0x%04X, whose digest size neither the header nor Cairn knows".formatted(id));
    }
    return in.bytes(size, "digest");
  }

  /** The size in bytes, or -1; well-known algorithms need no declaration. */
  private static int sizeOf(int id, SpecIdEvent declared) {
    return declared
        .sizeOf(id)
        .orElseGet(() -> HashAlgorithm.ofTpmId(id).map(HashAlgorithm::sizeBytes).orElse(-1));
  }

  private void requireNew(int id, long offset, List<Digest> digests, List<UnknownDigest> unknown)
      throws MalformedLogException {
    boolean seen = false;
    for (Digest digest : digests) {
      seen |= digest.algorithm().tpmId() == id;
    }
    for (UnknownDigest digest : unknown) {
      seen |= digest.algorithmId() == id;
    }
    if (seen) {
      throw in.malformedAt(offset, "second digest of algorithm 0x%04X in one record".formatted(id));
    }
  }

  private EventRecord record(
      long index, DigestSet digests, List<UnknownDigest> unknown, PcClientEvent content)
      throws MalformedLogException {
    if (!numbers.turnTo(index)) {
      throw in.malformed(
          "more than %d different registers in one log".formatted(limits.maxRegisters()));
    }
    return new EventRecord(numbers.take(), numbers.register(), digests, unknown, content);
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
    return LogFormat.TCG2;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
