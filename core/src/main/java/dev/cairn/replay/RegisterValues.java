package dev.cairn.replay;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import dev.cairn.eventlog.Limits;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What registers hold, per bank. Immutable; ascending by register.
 *
 * <p>As JSON, one object per bank; the member {@code registers} says which numbering the keys have:
 *
 * <pre>
 * {"registers": "pcr",          pcr, ccmr (0 is MRTD, n is RTMR n-1), rtmr, nv; mixed: names as keys
 *  "sha256": {"0": "…hex…", "10": "…hex…"},
 *  "sha384": {"0": "…hex…"}}
 * </pre>
 */
public final class RegisterValues {
  /** No register at all. */
  public static final RegisterValues EMPTY = new RegisterValues(new TreeMap<>());

  private final SortedMap<RegisterId, DigestSet> values;

  private RegisterValues(SortedMap<RegisterId, DigestSet> values) {
    this.values = Collections.unmodifiableSortedMap(values);
  }

  /** Copies {@code values}; registers without a bank are left out. */
  public static RegisterValues of(Map<RegisterId, DigestSet> values) {
    TreeMap<RegisterId, DigestSet> copy = new TreeMap<>(values);
    copy.values().removeIf(DigestSet::isEmpty);
    return new RegisterValues(copy);
  }

  /**
   * Reads the JSON form. Members that are no bank are skipped; {@code info.registers} serves where
   * {@code registers} is missing; register names ({@code rtmr2}) serve as keys too. The stream is
   * read to its end and stays open.
   *
   * @throws InvalidValuesException if it is no such document, names nothing to compare, or has more
   *     than {@link Limits#maxRegisters()} registers
   * @throws IOException if the stream cannot be read
   */
  public static RegisterValues read(InputStream in, Limits limits) throws IOException {
    return new RegisterValuesReader(limits).read(in);
  }

  /**
   * Reads the JSON form as a value in a larger document. {@code parser} is at the beginning of the
   * object, afterwards at its end.
   *
   * @throws InvalidValuesException as {@link #read} does
   * @throws IOException if it is no JSON, or cannot be read
   */
  public static RegisterValues readObject(JsonParser parser, Limits limits) throws IOException {
    return new RegisterValuesReader(limits).readObject(parser);
  }

  /**
   * Writes the members {@code registers} and one per bank into the object that {@code json} has
   * open. The numbering is {@code pcr}, {@code ccmr}, {@code nv} or, for registers of several
   * kinds, {@code mixed}.
   */
  public void writeMembers(JsonGenerator json) throws IOException {
    String numbering = numbering();
    json.writeStringField("registers", numbering);
    for (HashAlgorithm bank : banks()) {
      json.writeObjectFieldStart(bank.bank());
      for (Map.Entry<RegisterId, DigestSet> entry : values.entrySet()) {
        Digest value = entry.getValue().find(bank);
        if (value != null) {
          RegisterId id = entry.getKey();
          String key = numbering.equals("mixed") ? id.name() : Long.toString(id.index());
          json.writeStringField(key, value.value().toHex());
        }
      }
      json.writeEndObject();
    }
  }

  private String numbering() {
    Set<RegisterId.Kind> kinds = EnumSet.noneOf(RegisterId.Kind.class);
    values.keySet().forEach(id -> kinds.add(id.kind()));
    if (kinds.size() > 1) {
      return "mixed";
    }
    if (kinds.contains(RegisterId.Kind.CCMR)) {
      return "ccmr";
    }
    return kinds.contains(RegisterId.Kind.NV) ? "nv" : "pcr";
  }

  /** Returns the value of {@code register} in {@code bank}, or null where none is given. */
  public @Nullable Digest find(RegisterId register, HashAlgorithm bank) {
    DigestSet set = values.get(register);
    return set == null ? null : set.find(bank);
  }

  /** Returns the registers and their values, ascending; unmodifiable. */
  public SortedMap<RegisterId, DigestSet> asMap() {
    return values;
  }

  /** Returns the banks that at least one register has a value in, ascending. */
  public Set<HashAlgorithm> banks() {
    Set<HashAlgorithm> banks = EnumSet.noneOf(HashAlgorithm.class);
    values.values().forEach(set -> banks.addAll(set.banks()));
    return banks;
  }

  /** Returns whether there is no value at all. */
  public boolean isEmpty() {
    return values.isEmpty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RegisterValues that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
