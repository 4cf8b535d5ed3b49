package dev.cairn.eventlog.cel;

import static dev.cairn.eventlog.cel.CborLayout.FIRST;
import static dev.cairn.eventlog.cel.CborLayout.SECOND;

import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.ImaTlv;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.eventlog.UnknownDigest;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;

/** Turns one record into the bytes that {@link CborLayout} has the table of. */
final class CborEncoder implements CelWriter.Encoder {
  private final LogFormat format;
  private final CelOptions options;

  CborEncoder(LogFormat format, CelOptions options) {
    this.format = format;
    this.options = options;
  }

  /** Zeros in the banks that the first record has: at least one digest is needed. */
  @Override
  public DigestSet versionDigests(EventRecord first) {
    return DigestSet.filled(first.digests().banks(), 0);
  }

  @Override
  public void encode(EventRecord record, ByteBuilder out) throws IOException {
    CelChecks.check(format, record);
    RegisterId register = options.registers().spell(format, record);
    CborOutput cbor = new CborOutput(out).map(CborLayout.ENTRIES);
    cbor.number(CborLayout.RECNUM).number(record.recnum());
    if (register.kind() != RegisterId.Kind.CCMR) {
      boolean nv = register.kind() == RegisterId.Kind.NV;
      cbor.number(nv ? CborLayout.NV_INDEX : CborLayout.PCR).number(register.index());
    }
    cbor.number(CborLayout.DIGESTS);
    writeDigests(record, cbor);
    cbor.number(CborLayout.CONTENT_TYPE);
    writeContent(record, cbor);
    if (register.kind() == RegisterId.Kind.CCMR) {
      cbor.number(CborLayout.CCMR).number(register.index());
    }
  }

  private void writeDigests(EventRecord record, CborOutput cbor) throws IOException {
    DigestSet known = record.digests();
    List<UnknownDigest> unknown = record.unknownDigests();
    if (known.isEmpty() && unknown.isEmpty()) {
      known = zeros(record);
    }
    cbor.array(known.size() + unknown.size());
    int u = 0;
    for (Digest digest : known) {
      int id = digest.algorithm().tpmId();
      for (; u < unknown.size() && unknown.get(u).algorithmId() < id; u++) {
        writeDigest(unknown.get(u).algorithmId(), unknown.get(u).value(), cbor);
      }
      writeDigest(id, digest.value(), cbor);
    }
    for (; u < unknown.size(); u++) {
      writeDigest(unknown.get(u).algorithmId(), unknown.get(u).value(), cbor);
    }
  }

  private DigestSet zeros(EventRecord record) throws UnrepresentableRecordException {
    if (record.content().measured()) {
      throw refusal(
          record, "no digest, and a record of CEL-CBOR needs one; use cel-tlv or cel-json");
    }
    if (options.zeroDigests().isEmpty()) {
      throw refusal(
          record,
          "no digest, and a record of CEL-CBOR needs one; have zeros written for unmeasured records, or use cel-tlv or cel-json");
    }
    return DigestSet.filled(options.zeroDigests(), 0);
  }

  private static void writeDigest(int algorithm, Bytes value, CborOutput cbor) throws IOException {
    cbor.map(2).number(FIRST).number(algorithm).number(SECOND).bytes(value);
  }

  private void writeContent(EventRecord record, CborOutput cbor) throws IOException {
    EventContent content = record.content();
    if (content instanceof PcClientEvent event) {
      begin(ContentTypes.PCCLIENT_STD, cbor).map(2);
      cbor.number(FIRST).number(event.claimedEventType()).number(SECOND).bytes(event.data());
    } else if (content instanceof ImaTemplate template) {
      begin(ContentTypes.IMA_TEMPLATE, cbor).map(2);
      cbor.number(FIRST).text(template.name()).number(SECOND).bytes(template.data());
    } else if (content instanceof ImaTlv ima) {
      begin(ContentTypes.IMA_TLV, cbor).bytes(ima.tlvs());
    } else if (content instanceof SystemdEvent event) {
      begin(ContentTypes.SYSTEMD, cbor).bytes(event.text());
    } else if (content instanceof Management management) {
      writeManagement(management, begin(ContentTypes.CEL, cbor));
    } else if (content instanceof OpaqueContent opaque) {
      begin(checkOpaque(record, opaque), cbor).item(opaque.bytes());
    } else {
      throw new IllegalStateException("no CEL-CBOR for " + content.getClass());
    }
  }

  private static CborOutput begin(long type, CborOutput cbor) {
    return cbor.number(type).number(CborLayout.CONTENT);
  }

  private static void writeManagement(Management management, CborOutput cbor) {
    if (management instanceof Management.CelVersion version) {
      cbor.map(2).number(FIRST).number(ContentTypes.CEL_VERSION).number(SECOND).map(2);
      cbor.number(FIRST).number(version.major()).number(SECOND).number(version.minor());
    } else if (management instanceof Management.FirmwareEnd) {
      cbor.map(1).number(FIRST).number(ContentTypes.FIRMWARE_END);
    } else if (management instanceof Management.Timestamp timestamp) {
      cbor.map(2).number(FIRST).number(ContentTypes.CEL_TIMESTAMP);
      cbor.number(SECOND).number(timestamp.claimedTime());
    } else if (management instanceof Management.StateTransition transition) {
      cbor.map(2).number(FIRST).number(ContentTypes.STATE_TRANS);
      cbor.number(SECOND).number(transition.state());
    } else {
      throw new IllegalStateException("no CEL-CBOR for " + management.getClass());
    }
  }

  /** Returns the number of the type, once the content is known to be one deterministic item. */
  private long checkOpaque(EventRecord record, OpaqueContent opaque) throws IOException {
    long type = ContentTypes.numberOf(opaque.type());
    if (opaque.encoding() != OpaqueContent.Encoding.CBOR || type < 0) {
      throw CelChecks.foreign(format, record, opaque);
    }
    CborInput input = new CborInput(new ByteArrayInputStream(opaque.bytes().toArray()), format);
    try {
      input.item(Integer.MAX_VALUE, CborLayout.CONTENT_DEPTH);
    } catch (MalformedLogException e) {
      throw refusal(record, "opaque content: byte %d: %s".formatted(e.offset(), e.reason()));
    }
    if (!input.atEnd()) {
      throw refusal(record, "opaque content: needs one item, more follows at " + input.offset());
    }
    return type;
  }

  private UnrepresentableRecordException refusal(EventRecord record, String reason) {
    return new UnrepresentableRecordException(format, record, reason);
  }
}
