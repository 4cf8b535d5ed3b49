package dev.cairn.replay;

/**
 * Which bytes a digest was reproduced from.
 *
 * @see "TCG PC Client Platform Firmware Profile 1.06, Table 27; Linux ima_template.c; CEL 1.1"
 */
public enum Rule {
  /** The event data as a whole. */
  EVENT_DATA("the event data"),
  /** The data of the UEFI variable, without its GUID, name and lengths. */
  VARIABLE_DATA("the variable's data"),
  /** The text after the first space, without a NUL at its end: the way of GRUB. */
  TEXT_AFTER_SPACE("the text after the first space"),
  /** The same with its NUL: the way of Red Hat's GRUB. */
  TEXT_AFTER_SPACE_AND_NUL("the text after the first space, with its NUL"),
  /** The event data and a NUL more: the way of systemd-boot. */
  DATA_AND_NUL("the event data and a NUL"),
  /** UTF-16 event data as one byte per character: section names of systemd-stub. */
  TEXT_AS_ASCII("the event data as ASCII"),
  /** The event data without the NUL at its end. */
  DATA_WITHOUT_NUL("the event data without its NUL"),
  /** The template data of an IMA entry; for template {@code ima}, digest and padded name. */
  TEMPLATE_DATA("the template data"),
  /** The SHA-1 digest of the same entry, padded with zeros: kernels before 5.8, and later ones. */
  PADDED_SHA1("the SHA-1 digest padded with zeros"),
  /** The content with type and length, as ima_tlv, COS and Cairn's management records do. */
  CONTENT_TLV("the content TLV"),
  /** The string of a systemd event. */
  TEXT("the string");

  private final String text;

  Rule(String text) {
    this.text = text;
  }

  /** Returns what is hashed, for people. */
  public String text() {
    return text;
  }
}
