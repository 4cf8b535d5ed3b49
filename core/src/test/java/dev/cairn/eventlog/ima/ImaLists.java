package dev.cairn.eventlog.ima;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Measurement lists as a kernel makes them, from a seed; and their bytes. */
final class ImaLists {
  private static final List<String> TEMPLATES =
      List.of(
          "ima",
          "ima-ng",
          "ima-ngv2",
          "ima-sig",
          "ima-sigv2",
          "ima-buf",
          "ima-modsig",
          "evm-sig",
          "n-ng|d-ng",
          "sig");
  private static final int VIOLATION_EVERY = 8;

  private final Random random;
  private final HashAlgorithm bank;

  ImaLists(long seed, HashAlgorithm bank) {
    this.random = new Random(seed);
    this.bank = bank;
  }

  /** Returns {@code count} records of PCR 10; some are violations, the first is not. */
  List<EventRecord> list(int count) {
    List<EventRecord> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ImaTemplate template = template(TEMPLATES.get(random.nextInt(TEMPLATES.size())));
      boolean violation = i > 0 && random.nextInt(VIOLATION_EVERY) == 0;
      DigestSet digests =
          violation
              ? DigestSet.filled(List.of(bank), 0)
              : DigestSet.of(bank.hash(ImaBinary.hashInput(template).orElseThrow()));
      records.add(new EventRecord(i, RegisterId.pcr(10), digests, template));
    }
    return records;
  }

  private ImaTemplate template(String name) {
    ByteBuffer data = ByteBuffer.allocate(1 << 12).order(ByteOrder.LITTLE_ENDIAN);
    for (String id : ImaFields.ids(name)) {
      byte[] field = new byte[id.equals("d") ? ImaFields.IMA_DIGEST : random.nextInt(200)];
      random.nextBytes(field);
      if (!id.equals("d")) {
        data.putInt(field.length);
      }
      data.put(field);
    }
    return new ImaTemplate(name, Bytes.copyOf(data.array(), 0, data.position()));
  }

  /** Returns the list as the kernel shows it. */
  static byte[] encode(List<EventRecord> records) {
    ByteBuffer out = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
    for (EventRecord record : records) {
      ImaTemplate template = (ImaTemplate) record.content();
      byte[] name = template.name().getBytes(StandardCharsets.US_ASCII);
      out.putInt((int) record.register().index());
      record.digests().at(0).value().copyTo(out);
      out.putInt(name.length).put(name);
      if (!template.name().equals("ima")) {
        out.putInt(template.data().length());
      }
      template.data().copyTo(out);
    }
    return Bytes.copyOf(out.array(), 0, out.position()).toArray();
  }
}
