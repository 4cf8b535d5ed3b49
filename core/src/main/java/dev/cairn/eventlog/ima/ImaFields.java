package dev.cairn.eventlog.ima;

import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.measure.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The fields of an IMA template.
 *
 * <pre>
 * template      data (little-endian)
 * ima           digest[20] ‖ u32 length ‖ name       no length before the digest
 * every other   one { u32 length ‖ data } per field, nothing else
 * </pre>
 *
 * @see "Linux security/integrity/ima/ima_template.c (builtin_templates), ima_template_lib.c"
 */
public final class ImaFields {
  /** The oldest template; its data are laid out and hashed unlike all others. */
  static final String IMA = "ima";

  /** Of the file digest in template {@code ima}, which is SHA-1 or MD5 padded with zeros. */
  static final int IMA_DIGEST = 20;

  static final int LENGTH = Integer.BYTES;

  private static final Map<String, String> FORMATS =
      Map.of(
          IMA,
          "d|n",
          "ima-ng",
          "d-ng|n-ng",
          "ima-ngv2",
          "d-ngv2|n-ng",
          "ima-sig",
          "d-ng|n-ng|sig",
          "ima-sigv2",
          "d-ngv2|n-ng|sig",
          "ima-buf",
          "d-ng|n-ng|buf",
          "ima-modsig",
          "d-ng|n-ng|sig|d-modsig|modsig",
          "evm-sig",
          "d-ng|n-ng|evmsig|xattrnames|xattrlengths|xattrvalues|iuid|igid|imode");

  private ImaFields() {}

  /** Returns the field ids of a template; a name that is not built in is its own format. */
  public static List<String> ids(String template) {
    return List.of(FORMATS.getOrDefault(template, template).split("\\|", -1));
  }

  /**
   * Cuts template data into fields, as many as the template has and to the last byte.
   *
   * @throws IllegalArgumentException that names the field and what does not fit
   */
  public static List<ImaField> parse(ImaTemplate template) {
    ByteBuffer in = template.data().toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    List<ImaField> fields = new ArrayList<>();
    for (String id : ids(template.name())) {
      boolean bare = template.name().equals(IMA) && fields.isEmpty();
      fields.add(new ImaField(id, cut(template.data(), in, id, bare)));
    }
    if (in.hasRemaining()) {
      throw new IllegalArgumentException(
          "template %s: %d bytes behind its last field".formatted(template.name(), in.remaining()));
    }
    return List.copyOf(fields);
  }

  private static Bytes cut(Bytes data, ByteBuffer in, String id, boolean bare) {
    if (!bare && in.remaining() < LENGTH) {
      throw new IllegalArgumentException(
          "field %s: no length, %d bytes are left".formatted(id, in.remaining()));
    }
    long length = bare ? IMA_DIGEST : Integer.toUnsignedLong(in.getInt());
    if (length > in.remaining()) {
      throw new IllegalArgumentException(
          "field %s: needs %d bytes, %d are left".formatted(id, length, in.remaining()));
    }
    int from = in.position();
    in.position(from + (int) length);
    return data.slice(from, in.position());
  }
}
