package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.EventTypes;
import dev.cairn.measure.HashAlgorithm;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** The words of CEL-JSON. */
final class JsonNames {
  static final String RECNUM = "recnum";
  static final String PCR = "pcr";
  static final String NV_INDEX = "nv_index";
  static final String CCMR = "ccmr";
  static final String DIGESTS = "digests";
  static final String HASH_ALG = "hashAlg";
  static final String DIGEST = "digest";
  static final String CONTENT_TYPE = "content_type";
  static final String CONTENT = "content";

  static final String CEL = "cel";
  static final String PCCLIENT_STD = "pcclient_std";
  static final String IMA_TEMPLATE = "ima_template";
  static final String IMA_TLV = "ima_tlv";
  static final String SYSTEMD = "systemd";

  static final String EVENT_TYPE = "event_type";
  static final String EVENT_DATA = "event_data";
  static final String TEMPLATE_NAME = "template_name";
  static final String TEMPLATE_DATA = "template_data";

  static final String TYPE = "type";
  static final String DATA = "data";
  static final String MAJOR = "major";
  static final String MINOR = "minor";
  static final String CEL_VERSION = "cel_version";
  static final String FIRMWARE_END = "firmware_end";
  static final String CEL_TIMESTAMP = "cel_timestamp";
  static final String STATE_TRANS = "state_trans";

  /** Names of the states 0, 1 and 2. */
  static final List<String> STATES = List.of("suspend", "hibernate", "kexec");

  /** How libcel spells 0x8000000A, in lower case as all of its names. */
  private static final String LIBCEL_BLOB2 = "ev_efi_platform_firmwate_blob2";

  private static final int ALGORITHM_LENGTH = "0x0000".length();

  private JsonNames() {}

  /**
   * Returns the TPM_ALG_ID that {@code name} means, in whatever case; -1 if it means none. {@code
   * sha} is SHA-1.
   */
  static int algorithmId(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.equals("sha")) {
      return HashAlgorithm.SHA1.tpmId();
    }
    if (lower.length() == ALGORITHM_LENGTH && lower.startsWith("0x")) {
      return hexDigits(lower, 2);
    }
    return HashAlgorithm.ofBank(lower).map(HashAlgorithm::tpmId).orElse(-1);
  }

  private static int hexDigits(String text, int from) {
    int value = 0;
    for (int i = from; i < text.length(); i++) {
      int digit = text.charAt(i) < 0x80 ? Character.digit(text.charAt(i), 16) : -1;
      if (digit < 0) {
        return -1;
      }
      value = value * 16 + digit;
    }
    return value;
  }

  /** Returns the event type that {@code text} means: a name, or a number as pcrlock writes it. */
  static OptionalLong eventType(String text) {
    if (text.equals(LIBCEL_BLOB2)) {
      return EventTypes.code("EV_EFI_PLATFORM_FIRMWARE_BLOB2");
    }
    long number = ContentTypes.numberOf(text);
    return number >= 0 ? OptionalLong.of(number) : EventTypes.code(text);
  }
}
