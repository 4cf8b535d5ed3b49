package dev.cairn.eventlog;

import dev.cairn.measure.Bytes;

/**
 * Content of a type that Cairn does not know, byte for byte as it was. It can be written back to
 * the encoding it came from; every other encoding refuses it unless the user accepts the loss.
 *
 * @param type its number in decimal ({@code 80}) or, where JSON gives a name only, that name
 * @param encoding where {@code bytes} come from
 * @param bytes TLV: the value without its head. JSON: the text of one value. CBOR: one item
 */
public record OpaqueContent(String type, Encoding encoding, Bytes bytes) implements EventContent {
  /** The encodings of CEL. */
  public enum Encoding {
    /** Type, length, value. */
    TLV,
    /** JSON text. */
    JSON,
    /** CBOR item. */
    CBOR
  }

  @Override
  public boolean measured() {
    return true;
  }
}
