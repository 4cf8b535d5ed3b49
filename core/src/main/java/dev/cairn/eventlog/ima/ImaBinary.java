package dev.cairn.eventlog.ima;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.Limits;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.HashAlgorithm;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The binary measurement list of Linux IMA, little-endian as on x86, arm64 and with {@code
 * ima_canonical_fmt}.
 *
 * <pre>
 * size  field
 *    4  PCR
 *    D  digest of the file's bank; zeros for a violation
 *    4  length of the template's name, 1 to 255
 *    N  name, or format of a custom template, without NUL
 *    4  length of the template data; not there in template "ima"
 *    L  template data, see {@link ImaFields}
 * </pre>
 *
 * A list carried over kexec has a head of 24 bytes (u16 version 1, u16 0, u32 0, u64 size with
 * head, u64 number of records) and SHA-1 digests.
 *
 * <p>Nothing in a list says which bank it is of. The reader tries every digest size on the first 64
 * KiB and takes the one by which most records parse and hash to their digest.
 *
 * @see "Linux security/integrity/ima/ima_fs.c (ima_measurements_show), ima_template.c
 *     (ima_restore_measurement_list)"
 */
public final class ImaBinary {
  static final int MAX_NAME = 255;
  static final int WINDOW = 1 << 16;

  /** What template {@code ima} hashes: file digest and name, padded with zeros. */
  private static final int IMA_NAME_HASHED = 256;

  private ImaBinary() {}

  /**
   * Reads records to the end of the list; {@code in} is closed with the reader. Nothing at all is
   * an empty list. Every record has one digest, as it is in the list.
   *
   * @param bank whose list it is; null to find out. 32 bytes that hash to no digest at all are
   *     taken for {@link HashAlgorithm#SHA256}
   */
  public static EventReader reader(InputStream in, Limits limits, @Nullable HashAlgorithm bank) {
    return new ImaBinaryReader(in, limits, bank);
  }

  /** Reads as {@link #reader(InputStream, Limits, HashAlgorithm)} without a bank does. */
  public static EventReader reader(InputStream in, Limits limits) {
    return reader(in, limits, null);
  }

  /**
   * Returns the bank of the list that begins with {@code head}; nothing if no list begins so.
   *
   * @param head the first bytes, cut anywhere; 64 KiB decide as well as more
   */
  public static Optional<HashAlgorithm> findBank(Bytes head) {
    return KexecHead.parse(head).isPresent()
        ? Optional.of(HashAlgorithm.SHA1)
        : ImaBankFinder.find(head);
  }

  /**
   * Returns what the template's digest is the hash of: the template data or, for template {@code
   * ima}, the file digest and the name padded with zeros to 256 bytes. Nothing if the data of a
   * template {@code ima} have another form.
   *
   * @see "Linux security/integrity/ima/ima_crypto.c, ima_calc_field_array_hash_tfm"
   */
  public static Optional<Bytes> hashInput(ImaTemplate template) {
    Bytes data = template.data();
    if (!template.name().equals(ImaFields.IMA)) {
      return Optional.of(data);
    }
    int nameOffset = ImaFields.IMA_DIGEST + ImaFields.LENGTH;
    int nameLength = data.length() - nameOffset;
    if (nameLength < 0
        || nameLength > IMA_NAME_HASHED
        || nameLength != lengthOfName(data, ImaFields.IMA_DIGEST)) {
      return Optional.empty();
    }
    byte[] input = new byte[ImaFields.IMA_DIGEST + IMA_NAME_HASHED];
    data.slice(0, ImaFields.IMA_DIGEST).copyTo(input, 0);
    data.slice(nameOffset, data.length()).copyTo(input, ImaFields.IMA_DIGEST);
    return Optional.of(Bytes.owning(input));
  }

  private static int lengthOfName(Bytes data, int at) {
    return data.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN).getInt(at);
  }

  /**
   * Returns whether {@code record} is an IMA violation: the kernel shows zeros in every bank and
   * extends 0xFF in every byte, which is what a record shows that was taken over into another log.
   *
   * @see "Linux security/integrity/ima/ima_queue.c, ima_add_template_entry"
   */
  public static boolean isViolation(EventRecord record) {
    if (!(record.content() instanceof ImaTemplate) || record.digests().isEmpty()) {
      return false;
    }
    return isFilled(record, 0) || isFilled(record, 0xFF);
  }

  private static boolean isFilled(EventRecord record, int filler) {
    for (Digest digest : record.digests()) {
      if (!digest.value().isFilledWith(filler)) {
        return false;
      }
    }
    return true;
  }
}
