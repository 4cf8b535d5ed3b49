package dev.cairn.replay;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Records for tests: right ones unless the name says otherwise. */
final class Records {
  static final RegisterId PCR0 = RegisterId.pcr(0);
  static final RegisterId PCR10 = RegisterId.pcr(10);

  private Records() {}

  /** Returns an event of a workload, numbered, with its digests in {@code banks}. */
  static EventRecord event(RegisterId register, long recnum, String text, HashAlgorithm... banks) {
    PcClientEvent event = new AaelEvent("test", "say", text).toPcClientEvent();
    return of(register, recnum, event, event.data(), banks);
  }

  /** Returns a firmware event whose digests are those of {@code hashed}. */
  static EventRecord of(
      RegisterId register,
      long recnum,
      EventContent content,
      Bytes hashed,
      HashAlgorithm... banks) {
    return new EventRecord(
        recnum, register, new Hasher().hash(Arrays.asList(banks), hashed), content);
  }

  static EventRecord noAction(RegisterId register, long recnum, Bytes data) {
    PcClientEvent event = new PcClientEvent(EventTypes.EV_NO_ACTION, data);
    DigestSet zeros = DigestSet.filled(List.of(HashAlgorithm.SHA256), 0);
    return new EventRecord(recnum, register, zeros, event);
  }

  static EventRecord startupLocality(int locality) {
    byte[] data = Arrays.copyOf("StartupLocality\0".getBytes(US_ASCII), 17);
    data[16] = (byte) locality;
    return noAction(PCR0, 0, Bytes.owning(data));
  }

  /** Returns an entry of template ima-ng. */
  static EventRecord ima(long recnum, String name, HashAlgorithm bank) {
    ImaTemplate template = new ImaTemplate("ima-ng", templateData(name));
    return of(PCR10, recnum, template, template.data(), bank);
  }

  static EventRecord imaViolation(long recnum, String name, HashAlgorithm bank) {
    return new EventRecord(
        recnum,
        PCR10,
        DigestSet.filled(List.of(bank), 0),
        new ImaTemplate("ima-ng", templateData(name)));
  }

  static Bytes templateData(String name) {
    byte[] path = (name + "\0").getBytes(US_ASCII);
    ByteBuffer data = ByteBuffer.allocate(48 + path.length).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(40).put("sha256:\0".getBytes(US_ASCII)).put(new byte[32]);
    data.putInt(path.length).put(path);
    return Bytes.owning(data.array());
  }

  /** Returns {@code record} with another digest in {@code bank}. */
  static EventRecord wrong(EventRecord record, HashAlgorithm bank) {
    List<Digest> digests = new ArrayList<>();
    for (Digest digest : record.digests()) {
      digests.add(
          digest.algorithm() == bank
              ? new Digest(bank, Bytes.filled(bank.sizeBytes(), 0x77))
              : digest);
    }
    return new EventRecord(
        record.recnum(), record.register(), DigestSet.of(digests), record.content());
  }

  /** Returns the value of a register after {@code digests} from {@code start} on. */
  static Bytes extend(HashAlgorithm bank, Bytes start, Bytes... digests) {
    Hasher hasher = new Hasher();
    Digest value = new Digest(bank, start);
    for (Bytes digest : digests) {
      value = hasher.extend(value, new Digest(bank, digest));
    }
    return value.value();
  }

  /** Returns the digest of {@code record} in {@code bank}. */
  static Bytes digest(EventRecord record, HashAlgorithm bank) {
    return record.digests().get(bank).orElseThrow().value();
  }
}
