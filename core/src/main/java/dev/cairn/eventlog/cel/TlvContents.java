package dev.cairn.eventlog.cel;

import static dev.cairn.eventlog.cel.CelTlvLayout.FIRST;
import static dev.cairn.eventlog.cel.CelTlvLayout.HEAD;
import static dev.cairn.eventlog.cel.CelTlvLayout.MAX_INTEGER;
import static dev.cairn.eventlog.cel.CelTlvLayout.SECOND;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.ImaTlv;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.measure.Bytes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;

/**
 * The contents of CEL-TLV. What is not exactly as {@link CelTlvLayout} says (other nested types,
 * another order, bytes left over, a number too large for its field) stays opaque.
 */
final class TlvContents {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] array;
  private final int from;
  private final int to;

  private TlvContents(byte[] array, int from, int to) {
    this.array = array;
    this.from = from;
    this.to = to;
  }

  static EventContent decode(int type, byte[] array, int from, int length) {
    TlvContents value = new TlvContents(array, from, from + length);
    EventContent content =
        switch (type) {
          case ContentTypes.CEL -> value.management();
          case ContentTypes.PCCLIENT_STD -> value.pcClientEvent();
          case ContentTypes.IMA_TEMPLATE -> value.imaTemplate();
          case ContentTypes.IMA_TLV -> new ImaTlv(Bytes.copyOf(array, from, length));
          case ContentTypes.SYSTEMD -> new SystemdEvent(Bytes.copyOf(array, from, length));
          default -> null;
        };
    if (content != null) {
      return content;
    }
    return new OpaqueContent(
        Integer.toString(type), OpaqueContent.Encoding.TLV, Bytes.copyOf(array, from, length));
  }

  private @Nullable EventContent pcClientEvent() {
    if (!isPair() || !isNumber(from)) {
      return null;
    }
    long eventType = numberAt(from);
    if (eventType < 0 || eventType > ContentTypes.MAX_U32) {
      return null;
    }
    return new PcClientEvent(eventType, valueAt(endOf(from)));
  }

  private @Nullable EventContent imaTemplate() {
    if (!isPair()) {
      return null;
    }
    try {
      ByteBuffer name = ByteBuffer.wrap(array, from + HEAD, lengthAt(from));
      return new ImaTemplate(UTF_8.newDecoder().decode(name).toString(), valueAt(endOf(from)));
    } catch (CharacterCodingException e) {
      return null; // the bytes are kept instead
    }
  }

  private @Nullable EventContent management() {
    if (!isTlv(from) || endOf(from) != to) {
      return null;
    }
    return switch (typeAt(from)) {
      case ContentTypes.CEL_VERSION -> new TlvContents(array, from + HEAD, to).celVersion();
      case ContentTypes.FIRMWARE_END -> lengthAt(from) == 0 ? new Management.FirmwareEnd() : null;
      case ContentTypes.CEL_TIMESTAMP -> timestamp();
      case ContentTypes.STATE_TRANS -> stateTransition();
      default -> null;
    };
  }

  private @Nullable EventContent timestamp() {
    return isNumber(from) ? new Management.Timestamp(numberAt(from)) : null;
  }

  private @Nullable EventContent stateTransition() {
    if (!isNumber(from) || Long.compareUnsigned(numberAt(from), ContentTypes.MAX_U32) > 0) {
      return null;
    }
    return new Management.StateTransition(numberAt(from));
  }

  private @Nullable EventContent celVersion() {
    if (!isPair() || !isNumber(from) || !isNumber(endOf(from))) {
      return null;
    }
    long major = numberAt(from);
    long minor = numberAt(endOf(from));
    if (major < 0 || minor < 0 || Math.max(major, minor) > ContentTypes.MAX_U16) {
      return null;
    }
    return new Management.CelVersion((int) major, (int) minor);
  }

  /** Returns whether the value is exactly the nested TLVs 0 and 1, in this order. */
  private boolean isPair() {
    if (!isTlv(from) || typeAt(from) != FIRST) {
      return false;
    }
    int second = endOf(from);
    return isTlv(second) && typeAt(second) == SECOND && endOf(second) == to;
  }

  private boolean isTlv(int at) {
    if (to - at < HEAD) {
      return false;
    }
    int length = lengthAt(at);
    return length >= 0 && length <= to - at - HEAD;
  }

  private boolean isNumber(int at) {
    return lengthAt(at) <= MAX_INTEGER;
  }

  private long numberAt(int at) {
    return number(array, at + HEAD, lengthAt(at));
  }

  private Bytes valueAt(int at) {
    return Bytes.copyOf(array, at + HEAD, lengthAt(at));
  }

  private int typeAt(int at) {
    return array[at] & 0xFF;
  }

  private int lengthAt(int at) {
    return intAt(array, at + 1);
  }

  private int endOf(int at) {
    return at + HEAD + lengthAt(at);
  }

  static int intAt(byte[] array, int at) {
    return (int) INT.get(array, at);
  }

  /** Returns {@code length} bytes, 0 to 8, as a big-endian number. */
  static long number(byte[] array, int at, int length) {
    long number = 0;
    for (int i = 0; i < length; i++) {
      number = (number << Byte.SIZE) | (array[at + i] & 0xFF);
    }
    return number;
  }
}
