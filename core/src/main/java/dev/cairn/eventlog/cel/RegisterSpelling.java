package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.measure.RegisterId;
import java.util.OptionalInt;

/**
 * How CEL-JSON and CEL-CBOR name the registers of a confidential VM, for which CEL 1.1 has no key.
 */
public enum RegisterSpelling {
  /**
   * By an extension key of their own: {@code "ccmr": 4} in JSON, {@code 108: 4} in CBOR, which is
   * the type that TLV logs have for them. Read back as the same register.
   */
  CCMR_KEY,
  /**
   * RTMR n as {@code pcr} n, as tcg-cel and c8s do. Read back as a PCR; MRTD and others have no
   * such number and are refused.
   */
  RTMR_AS_PCR;

  /** Returns the register under whose name {@code record} is written. */
  RegisterId spell(LogFormat format, EventRecord record) throws UnrepresentableRecordException {
    RegisterId register = record.register();
    if (this == CCMR_KEY || register.kind() != RegisterId.Kind.CCMR) {
      return register;
    }
    OptionalInt ordinal = register.rtmrOrdinal();
    if (ordinal.isEmpty()) {
      throw new UnrepresentableRecordException(
          format, record, "no RTMR, so it has no number as a pcr; write it with its ccmr key");
    }
    return RegisterId.pcr(ordinal.getAsInt());
  }
}
