package dev.cairn.backend.tpm.command;

import java.util.HashMap;
import java.util.Map;

/**
 * What a TPM answers, decoded.
 *
 * <pre>
 * 0000 rrrr   from the TPM; any other upper half: from a software layer below it
 * bit 7       format 1: bits 0-5 number; bit 6: parameter in bits 8-11, else bit 11: session in
 *             bits 8-10, else handle in bits 8-10
 * no bit 7    format 0: bits 0-6 number, bit 8 TPM 2.0, bit 11 warning
 * </pre>
 *
 * @param value all 32 bits
 * @see "TPM 2.0 Library Part 2, TPM_RC"
 */
public record ResponseCode(int value) {
  /** Done. */
  public static final int SUCCESS = 0;

  /** Not started up, or reset since. */
  public static final int INITIALIZE = 0x100;

  /** In failure mode. */
  public static final int FAILURE = 0x101;

  /** Not for this locality. */
  public static final int LOCALITY = 0x907;

  /** Handle 1 names nothing: no such persistent key or NV index. */
  public static final int HANDLE_1 = 0x18B;

  /** The first handle is a transient object that is not loaded. */
  public static final int REFERENCE_H0 = 0x910;

  private static final int CANCELED = 0x909;
  private static final int UNKNOWN_TO_CHIP = 0x000B0143; // said by the kernel's resource manager
  private static final int FORMAT_1 = 0x80;
  private static final int FORMAT_1_NUMBER = 0x3F;
  private static final int OF_PARAMETER = 0x40;
  private static final int OF_SESSION = 0x800;

  /** What a sender may conclude. */
  enum Reaction {
    /** Busy with something else, nothing was executed: the same bytes once more, later. */
    WAIT_AND_SEND_AGAIN,
    /** Somebody canceled it, nothing was executed: the same bytes once more, now. */
    SEND_ONCE_MORE,
    /** Refused for good, nothing was executed. */
    REFUSED,
    /** The registers are not what they were, or nobody knows. */
    UNKNOWN
  }

  Reaction reaction() {
    return switch (value) {
      case 0x901, 0x902, 0x903, 0x904, 0x905, 0x906, 0x908, 0x90A, 0x920, 0x922, 0x923 ->
          Reaction.WAIT_AND_SEND_AGAIN;
      case CANCELED -> Reaction.SEND_ONCE_MORE;
      case INITIALIZE, FAILURE -> Reaction.UNKNOWN;
      case UNKNOWN_TO_CHIP -> Reaction.REFUSED;
      default -> value >>> Short.SIZE == 0 ? Reaction.REFUSED : Reaction.UNKNOWN;
    };
  }

  /** Returns the name without its place, e.g. {@code TPM_RC_HASH}. */
  public String name() {
    if (value == UNKNOWN_TO_CHIP) {
      return "command not implemented by the chip";
    }
    int key = (value & FORMAT_1) != 0 ? FORMAT_1 | (value & FORMAT_1_NUMBER) : value;
    String name = value >>> Short.SIZE == 0 ? Names.BY_NUMBER.get(key) : null;
    return name == null ? "unknown code" : "TPM_RC_" + name;
  }

  /** Returns name, number, place and the remedy, for people. */
  @Override
  public String toString() {
    return "%s (0x%x%s)%s".formatted(name(), value, place(), remedy());
  }

  private String place() {
    int number = value >>> Byte.SIZE & 0xF;
    if (value >>> Short.SIZE != 0 || (value & FORMAT_1) == 0 || number == 0) {
      return "";
    }
    if ((value & OF_PARAMETER) != 0) {
      return ", parameter " + number;
    }
    return ((value & OF_SESSION) != 0 ? ", session " : ", handle ") + (number & 7);
  }

  private String remedy() {
    return switch (value) {
      case INITIALIZE ->
          ": not started up, or reset since: firmware does that; behind a socket, Cairn at its start";
      case FAILURE -> ": the TPM is in failure mode: only a reset of the machine helps";
      case LOCALITY -> ": user space has locality 0, which this register does not admit";
      case 0x921 -> ": too many wrong passwords; wait, or reset the lockout with its password";
      case 0x9A2, 0x98E -> ": a password is set, Cairn knows only the empty one";
      default -> "";
    };
  }

  /** The table of Part 2; format 1 with bit 7, format 0 with its bits 8 and 11. */
  private static final class Names {
    static final Map<Integer, String> BY_NUMBER = new HashMap<>();

    static {
      number(0x100, "INITIALIZE FAILURE - SEQUENCE - - - - - - - PRIVATE");
      number(0x119, "HMAC");
      number(0x120, "DISABLED EXCLUSIVE - - AUTH_TYPE AUTH_MISSING POLICY PCR PCR_CHANGED");
      number(0x12D, "UPGRADE TOO_MANY_CONTEXTS AUTH_UNAVAILABLE REBOOT UNBALANCED");
      number(0x142, "COMMAND_SIZE COMMAND_CODE AUTHSIZE AUTH_CONTEXT NV_RANGE NV_SIZE NV_LOCKED");
      number(0x149, "NV_AUTHORIZATION NV_UNINITIALIZED NV_SPACE NV_DEFINED");
      number(0x150, "BAD_CONTEXT CPHASH PARENT NEEDS_TEST NO_RESULT SENSITIVE");
      number(0x081, "ASYMMETRIC ATTRIBUTES HASH VALUE HIERARCHY - KEY_SIZE MGF MODE TYPE HANDLE");
      number(0x08C, "KDF RANGE AUTH_FAIL NONCE PP - SCHEME - - SIZE SYMMETRIC TAG SELECTOR");
      number(0x09A, "INSUFFICIENT SIGNATURE KEY POLICY_FAIL - INTEGRITY TICKET RESERVED_BITS");
      number(0x0A2, "BAD_AUTH EXPIRED POLICY_CC BINDING CURVE ECC_POINT");
      number(0x901, "CONTEXT_GAP OBJECT_MEMORY SESSION_MEMORY MEMORY SESSION_HANDLES");
      number(0x906, "OBJECT_HANDLES LOCALITY YIELDED CANCELED TESTING");
      number(0x910, "REFERENCE_H0 REFERENCE_H1 REFERENCE_H2 REFERENCE_H3 REFERENCE_H4");
      number(0x915, "REFERENCE_H5 REFERENCE_H6 - REFERENCE_S0 REFERENCE_S1 REFERENCE_S2");
      number(0x91B, "REFERENCE_S3 REFERENCE_S4 REFERENCE_S5 REFERENCE_S6");
      number(0x920, "NV_RATE LOCKOUT RETRY NV_UNAVAILABLE");
    }

    private static void number(int first, String names) {
      int next = first;
      for (String name : names.split(" ", -1)) {
        if (!name.equals("-")) {
          BY_NUMBER.put(next, name);
        }
        next++;
      }
    }
  }
}
