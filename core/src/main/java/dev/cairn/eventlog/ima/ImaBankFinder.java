package dev.cairn.eventlog.ima;

import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whose digests a measurement list holds: walks its first bytes with every digest size
 * and compares a few digests with the hash of their template data. The size by which digests are
 * reproduced wins; without any, that by which the records do not break off; then that by which
 * there are most.
 */
final class ImaBankFinder {
  private static final int[] SIZES = {20, 32, 48, 64};
  private static final int MAX_HASHED_RECORDS = 8;
  private static final int MAX_PCR = 23;

  private final Bytes window;
  private final ByteBuffer in;
  private final int digestSize;
  private int wholeRecords;
  private int hashedRecords;
  private boolean broken;
  private boolean plausible;
  private @Nullable HashAlgorithm reproduced;

  private ImaBankFinder(Bytes window, int digestSize) {
    this.window = window;
    this.in = window.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    this.digestSize = digestSize;
  }

  static Optional<HashAlgorithm> find(Bytes window) {
    ImaBankFinder best = null;
    for (int size : SIZES) {
      ImaBankFinder walk = new ImaBankFinder(window, size);
      walk.run();
      if (walk.plausible && (best == null || walk.rank() > best.rank())) {
        best = walk;
      }
    }
    return best == null ? Optional.empty() : Optional.of(best.bank());
  }

  private long rank() {
    return (reproduced == null ? 0 : 1L << 62) + (broken ? 0 : 1L << 61) + wholeRecords;
  }

  private HashAlgorithm bank() {
    if (reproduced != null) {
      return reproduced;
    }
    return switch (digestSize) {
      case 20 -> HashAlgorithm.SHA1;
      case 32 -> HashAlgorithm.SHA256;
      case 48 -> HashAlgorithm.SHA384;
      default -> HashAlgorithm.SHA512;
    };
  }

  private void run() {
    while (!broken && record()) {
      wholeRecords++;
    }
  }

  /** Walks over one record; false if it is cut by the end of the window, or broken. */
  private boolean record() {
    int start = in.position();
    if (in.remaining() < Integer.BYTES + digestSize + ImaFields.LENGTH) {
      return false;
    }
    long pcr = Integer.toUnsignedLong(in.getInt());
    in.position(in.position() + digestSize);
    long nameLength = Integer.toUnsignedLong(in.getInt());
    if (pcr > MAX_PCR || nameLength == 0 || nameLength > ImaBinary.MAX_NAME) {
      broken = true;
      return false;
    }
    if (nameLength > in.remaining()) {
      return false;
    }
    byte[] name = new byte[(int) nameLength];
    in.get(name);
    if (!isTemplateName(name)) {
      broken = true;
      return false;
    }
    plausible = true;
    return data(start, new String(name, StandardCharsets.US_ASCII));
  }

  private boolean data(int start, String name) {
    int from = in.position();
    int bare = name.equals(ImaFields.IMA) ? ImaFields.IMA_DIGEST : 0;
    if (in.remaining() < bare + ImaFields.LENGTH) {
      return false;
    }
    in.position(from + bare);
    long length = Integer.toUnsignedLong(in.getInt());
    if (length > in.remaining()) {
      return false;
    }
    in.position(in.position() + (int) length);
    int dataFrom = bare == 0 ? from + ImaFields.LENGTH : from;
    if (reproduced == null && hashedRecords < MAX_HASHED_RECORDS) {
      hash(start + Integer.BYTES, new ImaTemplate(name, window.slice(dataFrom, in.position())));
    }
    return true;
  }

  private void hash(int digestFrom, ImaTemplate template) {
    Bytes digest = window.slice(digestFrom, digestFrom + digestSize);
    Optional<Bytes> input = ImaBinary.hashInput(template);
    if (input.isEmpty() || digest.isFilledWith(0)) {
      return; // a violation says nothing
    }
    hashedRecords++;
    for (HashAlgorithm algorithm : HashAlgorithm.values()) {
      if (algorithm.sizeBytes() == digestSize
          && algorithm.hash(input.get()).value().equals(digest)) {
        reproduced = algorithm;
        return;
      }
    }
  }

  /** Built-in names and formats of custom templates consist of these. */
  static boolean isTemplateName(byte[] name) {
    for (byte b : name) {
      boolean allowed = (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '-' || b == '|';
      if (!allowed) {
        return false;
      }
    }
    return true;
  }
}
