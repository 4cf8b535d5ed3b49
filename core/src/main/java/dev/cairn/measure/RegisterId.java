package dev.cairn.measure;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names one measurement register. A bare integer never crosses a package boundary: the same TDX
 * register is 2 as an RTMR, 3 as a CC measurement register and 8 to 15 as a PCR.
 *
 * <pre>
 * name            kind   index
 * pcr0 … pcr23    PCR    the PCR number (logs may hold others, up to 0xFFFFFFFF)
 * mrtd            CCMR   0
 * rtmr0 … rtmr3   CCMR   1 … 4 (the MrIndex of UEFI)
 * ccmr5 …         CCMR   other numbers, from logs only
 * nv0x01c10000    NV     an NV extend index, from logs only
 * </pre>
 *
 * @param kind which numbering {@code index} belongs to
 * @param index 0 to 0xFFFFFFFF
 * @see "UEFI 2.10, 38.4.1 (MrIndex and its PCRs); TCG CEL 1.1, 4.2 (pcr, nv_index)"
 */
public record RegisterId(Kind kind, long index) implements Comparable<RegisterId> {
  /** The numberings. */
  public enum Kind {
    /** Platform configuration register of a TPM. */
    PCR,
    /** Measurement register of a confidential VM: MRTD is 0, RTMR n is n + 1. */
    CCMR,
    /** NV index of a TPM that is extended like a PCR. */
    NV
  }

  private static final Pattern NAME =
      Pattern.compile("(pcr|rtmr|ccmr)(0|[1-9][0-9]{0,9})|nv0x([0-9a-f]{8})|mrtd");
  private static final long MAX_INDEX = 0xFFFF_FFFFL;
  private static final int RTMR_COUNT = 4;

  /** The build-time measurement of a TDX guest. Cannot be extended. */
  public static final RegisterId MRTD = new RegisterId(Kind.CCMR, 0);

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if {@code index} is not a u32
   */
  public RegisterId {
    if (index < 0 || index > MAX_INDEX) {
      throw new IllegalArgumentException(kind + " index " + index + ": needs 0 to " + MAX_INDEX);
    }
  }

  /** Returns PCR {@code number}. */
  public static RegisterId pcr(long number) {
    return new RegisterId(Kind.PCR, number);
  }

  /**
   * Returns RTMR {@code ordinal}.
   *
   * @throws IllegalArgumentException unless 0 to 3
   */
  public static RegisterId rtmr(int ordinal) {
    if (ordinal < 0 || ordinal >= RTMR_COUNT) {
      throw new IllegalArgumentException("rtmr" + ordinal + ": there are rtmr0 to rtmr3");
    }
    return new RegisterId(Kind.CCMR, ordinal + 1L);
  }

  /** Parses a {@link #name()}, lower case only; nothing if it is none. */
  public static Optional<RegisterId> parse(String name) {
    Matcher match = NAME.matcher(name);
    if (!match.matches()) {
      return Optional.empty();
    }
    if (match.group(3) != null) {
      return Optional.of(new RegisterId(Kind.NV, Long.parseLong(match.group(3), 16)));
    }
    if (match.group(1) == null) {
      return Optional.of(MRTD);
    }
    long number = Long.parseLong(match.group(2));
    RegisterId id;
    switch (match.group(1)) {
      case "rtmr" -> {
        if (number >= RTMR_COUNT) {
          return Optional.empty();
        }
        id = rtmr((int) number);
      }
      case "pcr" -> {
        if (number > MAX_INDEX) {
          return Optional.empty();
        }
        id = pcr(number);
      }
      default -> {
        if (number > MAX_INDEX || number <= RTMR_COUNT) {
          return Optional.empty(); // those have names of their own
        }
        id = new RegisterId(Kind.CCMR, number);
      }
    }
    return Optional.of(id);
  }

  /** Returns the name, as in the table above. */
  public String name() {
    return switch (kind) {
      case PCR -> "pcr" + index;
      case NV -> "nv0x%08x".formatted(index);
      case CCMR -> {
        if (index == 0) {
          yield "mrtd";
        }
        yield index <= RTMR_COUNT ? "rtmr" + (index - 1) : "ccmr" + index;
      }
    };
  }

  /** Returns the ordinal of an RTMR, 0 to 3; nothing for every other register. */
  public OptionalInt rtmrOrdinal() {
    return kind == Kind.CCMR && index >= 1 && index <= RTMR_COUNT
        ? OptionalInt.of((int) index - 1)
        : OptionalInt.empty();
  }

  /** Orders by kind, then by index. */
  @Override
  public int compareTo(RegisterId other) {
    int byKind = kind.compareTo(other.kind);
    return byKind != 0 ? byKind : Long.compare(index, other.index);
  }

  /** Returns {@link #name()}. */
  @Override
  public String toString() {
    return name();
  }
}
