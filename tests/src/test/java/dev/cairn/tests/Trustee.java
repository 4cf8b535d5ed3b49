package dev.cairn.tests;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The rules by which a verifier of Confidential Containers takes or refuses a log, written down
 * anew: it shares no code with Cairn, and knows nothing of it.
 *
 * @see "confidential-containers/trustee, deps/eventlog and deps/verifier (parser, replay, claims)"
 */
final class Trustee {
  private static final int EV_NO_ACTION = 3;
  private static final int EV_EVENT_TAG = 6;
  private static final int AAEL = 0x4141454C;
  private static final Map<Integer, String> HASHES =
      Map.of(0xB, "SHA-256", 0xC, "SHA-384", 0xD, "SHA-512");
  private static final Set<Long> TEXT_TYPES = Set.of(0x1L, 0x5L, 0xCL, 0x12L, 0x80000007L);

  /** A log that it refuses, and with it the whole attestation. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String reason) {
      super(reason);
    }
  }

  /**
   * One record as a policy sees it.
   *
   * @param index measurement register
   * @param text domain, operation and content; empty if it is no AAEL event
   * @param digestMatches whether the digest is that of the event
   */
  record Claim(long index, String text, boolean digestMatches) {}

  private final List<Claim> claims = new ArrayList<>();
  private final Map<Long, List<Map<Integer, byte[]>>> extendsByRegister = new TreeMap<>();

  private Trustee() {}

  /** Parses a log; {@code RefusedException} where the verifier would refuse it. */
  static Trustee parse(byte[] log) throws RefusedException {
    Trustee parsed = new Trustee();
    ByteBuffer in = ByteBuffer.wrap(log).order(ByteOrder.LITTLE_ENDIAN);
    try {
      Map<Integer, Integer> sizes = header(in);
      while (in.hasRemaining() && !atStop(in)) {
        parsed.record(in, sizes);
      }
      return parsed;
    } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new RefusedException("truncated at " + in.position());
    } catch (CharacterCodingException e) {
      throw new RefusedException("Illegal AAEL event data");
    }
  }

  private static Map<Integer, Integer> header(ByteBuffer in) throws RefusedException {
    in.getInt();
    int type = in.getInt();
    in.position(in.position() + 20);
    int size = in.getInt();
    Map<Integer, Integer> sizes = new HashMap<>();
    if (type != EV_NO_ACTION) {
      in.position(in.position() + size);
      return sizes;
    }
    int start = in.position();
    in.position(start + 24);
    int count = in.getInt();
    for (int i = 0; i < count; i++) {
      sizes.put(Short.toUnsignedInt(in.getShort()), Short.toUnsignedInt(in.getShort()));
    }
    int vendor = Byte.toUnsignedInt(in.get());
    in.position(in.position() + vendor);
    if (in.position() != start + size) {
      throw new RefusedException("Unexpected data size consumed for detecting digests");
    }
    return sizes;
  }

  private static boolean atStop(ByteBuffer in) {
    long next = in.getLong(in.position());
    return next == 0 || next == -1;
  }

  private void record(ByteBuffer in, Map<Integer, Integer> sizes)
      throws RefusedException, CharacterCodingException {
    long index = Integer.toUnsignedLong(in.getInt());
    long type = Integer.toUnsignedLong(in.getInt());
    requireKnown(type);
    int count = in.getInt();
    Map<Integer, byte[]> digests = new HashMap<>();
    for (int i = 0; i < count; i++) {
      int algorithm = Short.toUnsignedInt(in.getShort());
      if (!Set.of(0x1, 0x3, 0x4, 0xB, 0xC, 0xD, 0x12).contains(algorithm)) {
        throw new RefusedException("unknown algorithm " + algorithm);
      }
      Integer size = sizes.get(algorithm);
      if (size == null) {
        throw new RefusedException("Missing digest size for algorithm: " + algorithm);
      }
      byte[] digest = new byte[size];
      in.get(digest);
      if (!HASHES.containsKey(algorithm) && algorithm != 0x12) {
        throw new RefusedException("Digest comparison failed: not supported");
      }
      digests.put(algorithm, digest);
    }
    byte[] event = bytes(in);
    claims.add(new Claim(index, content(type, event), matches(digests, event)));
    extendsByRegister.computeIfAbsent(index, first -> new ArrayList<>()).add(digests);
  }

  private static byte[] bytes(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static void requireKnown(long type) throws RefusedException {
    boolean known =
        type <= 0x12
            || (type >= 0x80000000L && type <= 0x8000000CL)
            || type == 0x80000010L
            || (type >= 0x800000E0L && type <= 0x800000E2L);
    if (!known) {
      throw new RefusedException("Unknown event type detected: 0x" + Long.toHexString(type));
    }
  }

  private static String content(long type, byte[] event)
      throws RefusedException, CharacterCodingException {
    if (TEXT_TYPES.contains(type)) {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(event));
    }
    if (type != EV_EVENT_TAG) {
      return "";
    }
    ByteBuffer tagged = ByteBuffer.wrap(event).order(ByteOrder.LITTLE_ENDIAN);
    int tag = tagged.getInt();
    byte[] data = bytes(tagged);
    if (tag != AAEL) {
      return "";
    }
    String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data)).toString();
    int first = text.indexOf(' ');
    if (first < 0) {
      throw new RefusedException("No space found in event string");
    }
    if (text.indexOf(' ', first + 1) < 0) {
      throw new RefusedException("No second space found in event string");
    }
    return text;
  }

  private static boolean matches(Map<Integer, byte[]> digests, byte[] event) {
    return digests.entrySet().stream()
        .allMatch(
            entry ->
                HASHES.containsKey(entry.getKey())
                    && Arrays.equals(entry.getValue(), hash(entry.getKey(), event)));
  }

  private static byte[] hash(int algorithm, byte[]... parts) {
    try {
      MessageDigest hash = MessageDigest.getInstance(HASHES.getOrDefault(algorithm, "none"));
      Arrays.stream(parts).forEach(hash::update);
      return hash.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns what register {@code index} holds if it began with zeros. */
  byte[] replay(long index, int algorithm) {
    return replay(new byte[hash(algorithm).length], index, algorithm);
  }

  /** Returns what register {@code index} holds if it began with {@code start}. */
  byte[] replay(byte[] start, long index, int algorithm) {
    byte[] value = start.clone();
    for (Map<Integer, byte[]> digests : extendsByRegister.getOrDefault(index, List.of())) {
      byte[] digest = digests.get(algorithm);
      if (digest != null) {
        value = hash(algorithm, value, digest);
      }
    }
    return value;
  }

  /** Returns the registers that the log names, ascending. */
  Set<Long> registers() {
    return extendsByRegister.keySet();
  }

  List<Claim> claims() {
    return claims;
  }
}
