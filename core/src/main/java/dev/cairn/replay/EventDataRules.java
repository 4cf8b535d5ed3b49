package dev.cairn.replay;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.TaggedEvent;
import dev.cairn.measure.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

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
  private static final long AAEL_TAG = AaelEvent.TAG;

  private static final Bytes GRUB_COMMAND = Bytes.owning("grub_cmd".getBytes(US_ASCII));

  private static final Rule[] WHOLE = {Rule.EVENT_DATA};
  private static final Rule[] WHOLE_OR_CUT = {Rule.EVENT_DATA, Rule.DATA_WITHOUT_NUL};
  private static final Rule[] VARIABLE = {Rule.VARIABLE_DATA, Rule.EVENT_DATA};
  private static final Rule[] LOADER_TEXT = {
    Rule.TEXT_AFTER_SPACE,
    Rule.TEXT_AFTER_SPACE_AND_NUL,
    Rule.EVENT_DATA,
    Rule.DATA_WITHOUT_NUL,
    Rule.DATA_AND_NUL,
    Rule.TEXT_AS_ASCII
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
    if (type == EV_EFI_VARIABLE_BOOT || type == EV_EFI_VARIABLE_BOOT2) {
      return variableData(event.data()) != null;
    }
    if (type == EV_IPL) {
      return event.data().startsWith(GRUB_COMMAND);
    }
    if (type == EventTypes.EV_EVENT_TAG) {
      return TaggedEvent.parse(event.data()).filter(t -> t.tag() == AAEL_TAG).isPresent();
    }
    return alwaysCoversData(type);
  }

  private static boolean isSeparator(Bytes data) {
    return data.length() == Integer.BYTES && (data.isFilledWith(0) || data.isFilledWith(0xFF));
  }

  /** Returns what {@code rule} says was hashed, or null where the data have no such part. */
  static @Nullable Bytes input(Rule rule, Bytes data) {
    return switch (rule) {
      case VARIABLE_DATA -> variableData(data);
      case TEXT_AFTER_SPACE -> afterSpace(data, false);
      case TEXT_AFTER_SPACE_AND_NUL -> afterSpace(data, true);
      case DATA_WITHOUT_NUL ->
          data.length() > 0 && data.at(data.length() - 1) == 0
              ? data.slice(0, data.length() - 1)
              : null;
      case DATA_AND_NUL -> narrow(data, 1, data.length() + 1);
      case TEXT_AS_ASCII -> data.length() % 2 == 0 ? narrow(data, 2, data.length() / 2) : null;
      default -> data;
    };
  }

  /** Returns every {@code step}th byte of {@code data}, and zeros up to {@code length}. */
  private static Bytes narrow(Bytes data, int step, int length) {
    byte[] narrow = new byte[length];
    for (int i = 0; i * step < data.length(); i++) {
      narrow[i] = (byte) data.at(i * step);
    }
    return Bytes.owning(narrow);
  }

  /** The text ends with its NUL; some loaders let a byte of something else follow. */
  private static @Nullable Bytes afterSpace(Bytes data, boolean withNul) {
    int from = find(data, ' ', 0) + 1;
    if (from == 0) {
      return null;
    }
    int nul = find(data, 0, from);
    if (nul < 0) {
      return withNul ? null : data.slice(from, data.length());
    }
    return data.slice(from, withNul ? nul + 1 : nul);
  }

  private static int find(Bytes data, int wanted, int from) {
    for (int i = from; i < data.length(); i++) {
      if (data.at(i) == wanted) {
        return i;
      }
    }
    return -1;
  }

  /** UEFI_VARIABLE_DATA: GUID[16], u64 name length in UTF-16 units, u64 data length, name, data. */
  private static @Nullable Bytes variableData(Bytes data) {
    int head = 16 + Long.BYTES + Long.BYTES;
    if (data.length() < head) {
      return null;
    }
    ByteBuffer buffer = data.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    long nameUnits = buffer.getLong(16);
    long dataLength = buffer.getLong(16 + Long.BYTES);
    long rest = (long) data.length() - head;
    if (nameUnits < 0 || nameUnits > rest / 2 || dataLength != rest - 2 * nameUnits) {
      return null;
    }
    return data.slice(head + (int) (2 * nameUnits), data.length());
  }
}
