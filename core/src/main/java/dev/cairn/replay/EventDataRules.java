package dev.cairn.replay;

import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.TaggedEvent;
import dev.cairn.measure.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Which part of the data of a firmware event its digest may cover, by event type. Firmware differs,
 * so most types have several candidates.
 *
 * @see "TCG PC Client Platform Firmware Profile 1.06, Table 27 and 10.4"
 */
final class EventDataRules {
  private static final long EV_S_CRTM_VERSION = 0x08;
  private static final long EV_IPL = 0x0D;
  private static final long EV_NONHOST_INFO = 0x11;
  private static final long EV_EFI_VARIABLE_DRIVER_CONFIG = 0x8000_0001L;
  private static final long EV_EFI_VARIABLE_BOOT = 0x8000_0002L;
  private static final long EV_EFI_GPT_EVENT = 0x8000_0006L;
  private static final long EV_EFI_ACTION = 0x8000_0007L;
  private static final long EV_EFI_VARIABLE_BOOT2 = 0x8000_000CL;
  private static final long EV_EFI_VARIABLE_AUTHORITY = 0x8000_00E0L;
  private static final long AAEL_TAG = dev.cairn.eventlog.AaelEvent.TAG;

  private static final Rule[] WHOLE = {Rule.EVENT_DATA};
  private static final Rule[] WHOLE_OR_CUT = {Rule.EVENT_DATA, Rule.DATA_WITHOUT_NUL};
  private static final Rule[] VARIABLE = {Rule.VARIABLE_DATA, Rule.EVENT_DATA};
  private static final Rule[] LOADER_TEXT = {
    Rule.TEXT_AFTER_SPACE, Rule.EVENT_DATA, Rule.DATA_WITHOUT_NUL
  };

  private EventDataRules() {}

  /** Returns the rules to try, the most frequent first. */
  static Rule[] candidates(long eventType) {
    if (eventType == EV_IPL) {
      return LOADER_TEXT;
    }
    if (eventType == EV_EFI_VARIABLE_BOOT
        || eventType == EV_EFI_VARIABLE_BOOT2
        || eventType == EV_EFI_VARIABLE_AUTHORITY) {
      return VARIABLE;
    }
    return alwaysCoversData(eventType) || eventType == EventTypes.EV_EVENT_TAG
        ? WHOLE
        : WHOLE_OR_CUT;
  }

  private static boolean alwaysCoversData(long eventType) {
    return eventType == EV_S_CRTM_VERSION
        || eventType == EV_NONHOST_INFO
        || eventType == EV_EFI_VARIABLE_DRIVER_CONFIG
        || eventType == EV_EFI_GPT_EVENT
        || eventType == EV_EFI_ACTION;
  }

  /**
   * Returns whether a digest that no candidate reproduces is wrong, and not just that of bytes
   * which the log does not hold.
   */
  static boolean isStrict(PcClientEvent event) {
    long type = event.claimedEventType();
    if (type == EventTypes.EV_SEPARATOR) {
      return isSeparator(event.data());
    }
    if (type == EventTypes.EV_EVENT_TAG) {
      return TaggedEvent.parse(event.data()).filter(t -> t.tag() == AAEL_TAG).isPresent();
    }
    return alwaysCoversData(type);
  }

  private static boolean isSeparator(Bytes data) {
    return data.length() == Integer.BYTES && (data.isFilledWith(0) || data.isFilledWith(0xFF));
  }

  /** Returns the first byte that {@code rule} covers, or -1 where the data have no such part. */
  static int from(Rule rule, Bytes data) {
    return switch (rule) {
      case VARIABLE_DATA -> variableData(data);
      case TEXT_AFTER_SPACE -> afterSpace(data);
      case DATA_WITHOUT_NUL -> data.length() > 0 && data.at(data.length() - 1) == 0 ? 0 : -1;
      default -> 0;
    };
  }

  /** Returns the end of what {@code rule} covers, exclusive. */
  static int to(Rule rule, Bytes data) {
    int length = data.length();
    return switch (rule) {
      case DATA_WITHOUT_NUL -> length - 1;
      case TEXT_AFTER_SPACE -> data.at(length - 1) == 0 ? length - 1 : length;
      default -> length;
    };
  }

  private static int afterSpace(Bytes data) {
    for (int i = 0; i < data.length() - 1; i++) {
      if (data.at(i) == ' ') {
        return i + 1;
      }
    }
    return -1;
  }

  /** UEFI_VARIABLE_DATA: GUID[16], u64 name length in UTF-16 units, u64 data length, name, data. */
  private static int variableData(Bytes data) {
    int head = 16 + Long.BYTES + Long.BYTES;
    if (data.length() < head) {
      return -1;
    }
    ByteBuffer buffer = data.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    long nameUnits = buffer.getLong(16);
    long dataLength = buffer.getLong(16 + Long.BYTES);
    long rest = (long) data.length() - head;
    if (nameUnits < 0 || nameUnits > rest / 2 || dataLength != rest - 2 * nameUnits) {
      return -1;
    }
    return head + (int) (2 * nameUnits);
  }
}
