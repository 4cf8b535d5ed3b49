package dev.cairn.eventlog;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The event types with a name. Others are legal: applications and operating systems use them.
 *
 * @see "TCG PC Client Platform Firmware Profile 1.06 r52, Table 27"
 */
public final class EventTypes {
  /** Never extended. */
  public static final long EV_NO_ACTION = 0x03;

  /** Four bytes between the firmware's and the loader's events. */
  public static final long EV_SEPARATOR = 0x04;

  /** Tag, size, data; Cairn's own events have this type. */
  public static final long EV_EVENT_TAG = 0x06;

  /** Sets PCR 0 to 0…04 before it is extended. */
  public static final long EV_EFI_HCRTM_EVENT = 0x8000_0010L;

  private static final Map<Long, String> NAMES = new HashMap<>();
  private static final Map<String, Long> CODES = new HashMap<>();

  static {
    String[] low = {
      "EV_PREBOOT_CERT",
      "EV_POST_CODE",
      "EV_UNUSED",
      "EV_NO_ACTION",
      "EV_SEPARATOR",
      "EV_ACTION",
      "EV_EVENT_TAG",
      "EV_S_CRTM_CONTENTS",
      "EV_S_CRTM_VERSION",
      "EV_CPU_MICROCODE",
      "EV_PLATFORM_CONFIG_FLAGS",
      "EV_TABLE_OF_DEVICES",
      "EV_COMPACT_HASH",
      "EV_IPL",
      "EV_IPL_PARTITION_DATA",
      "EV_NONHOST_CODE",
      "EV_NONHOST_CONFIG",
      "EV_NONHOST_INFO",
      "EV_OMIT_BOOT_DEVICE_EVENTS",
      "EV_POST_CODE2"
    };
    String[] efi = {
      "EV_EFI_EVENT_BASE",
      "EV_EFI_VARIABLE_DRIVER_CONFIG",
      "EV_EFI_VARIABLE_BOOT",
      "EV_EFI_BOOT_SERVICES_APPLICATION",
      "EV_EFI_BOOT_SERVICES_DRIVER",
      "EV_EFI_RUNTIME_SERVICES_DRIVER",
      "EV_EFI_GPT_EVENT",
      "EV_EFI_ACTION",
      "EV_EFI_PLATFORM_FIRMWARE_BLOB",
      "EV_EFI_HANDOFF_TABLES",
      "EV_EFI_PLATFORM_FIRMWARE_BLOB2",
      "EV_EFI_HANDOFF_TABLES2",
      "EV_EFI_VARIABLE_BOOT2",
      "EV_EFI_GPT_EVENT2"
    };
    String[] spdm = {
      "EV_EFI_VARIABLE_AUTHORITY",
      "EV_EFI_SPDM_FIRMWARE_BLOB",
      "EV_EFI_SPDM_FIRMWARE_CONFIG",
      "EV_EFI_SPDM_DEVICE_POLICY",
      "EV_EFI_SPDM_DEVICE_AUTHORITY"
    };
    enter(0, low);
    enter(0x8000_0000L, efi);
    enter(EV_EFI_HCRTM_EVENT, "EV_EFI_HCRTM_EVENT");
    enter(0x8000_00E0L, spdm);
  }

  private EventTypes() {}

  private static void enter(long first, String... names) {
    for (int i = 0; i < names.length; i++) {
      NAMES.put(first + i, names[i]);
      CODES.put(names[i], first + i);
    }
  }

  /** Returns the name of {@code code}, in upper case, if it has one. */
  public static Optional<String> name(long code) {
    return Optional.ofNullable(NAMES.get(code));
  }

  /** Returns the code of {@code name}, in whatever case it is written. */
  public static OptionalLong code(String name) {
    Long code = CODES.get(name.toUpperCase(Locale.ROOT));
    return code == null ? OptionalLong.empty() : OptionalLong.of(code);
  }
}
