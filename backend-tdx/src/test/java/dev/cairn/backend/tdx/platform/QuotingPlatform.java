package dev.cairn.backend.tdx.platform;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.HexFormat;

/**
 * Signs quotes with an attestation key of its own, for which a quoting enclave vouches, for which a
 * PCK vouches, whose certificate leads to a root: like the real ones, except that nobody knows the
 * root. Any thread.
 */
public final class QuotingPlatform {
  /** Size of the body of a TD 1.0 guest. */
  public static final int TD10_BYTES = 584;

  /** Size of the body of a TD 1.5 guest. */
  public static final int TD15_BYTES = 648;

  private static final byte[] VENDOR = HexFormat.of().parseHex("939a7233f79c4ca9940a0db3957f0607");
  private static final byte[] MRSIGNER =
      HexFormat.of().parseHex("dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5");
  private static final int TD_QE = 2;
  private static final byte[] AUTH_DATA = "authentication data".getBytes(US_ASCII);

  private final Authority root = Authority.root("Pretended Root CA");
  private final Authority pck;
  private final byte[] chain;
  private final KeyPair attestationKey = Authority.newKey();
  private final byte[] report;

  /** Makes a platform whose certificates are valid for a hundred years. */
  public QuotingPlatform() {
    this(Authority.UNTIL, true, MRSIGNER, TD_QE, false);
  }

  private QuotingPlatform(
      Instant until, boolean mayIssue, byte[] mrSigner, int product, boolean debug) {
    Authority intermediate = root.issue("Pretended Platform CA", mayIssue, Authority.UNTIL);
    pck = intermediate.issue("Pretended PCK", false, until);
    chain = Der.concat(pck.pem(), intermediate.pem(), root.pem(), new byte[] {0});
    report = report(mrSigner, product, debug);
  }

  /** Makes one whose PCK's certificate ends. */
  public static QuotingPlatform expiring(Instant until) {
    return new QuotingPlatform(until, true, MRSIGNER, TD_QE, false);
  }

  /** Makes one whose quoting enclave is another. */
  public static QuotingPlatform ofEnclave(byte[] mrSigner, int product, boolean debug) {
    return new QuotingPlatform(Authority.UNTIL, true, mrSigner, product, debug);
  }

  /** Makes one whose PCK was certified with a key that may not certify. */
  public static QuotingPlatform ofLeafThatIssues() {
    return new QuotingPlatform(Authority.UNTIL, false, MRSIGNER, TD_QE, false);
  }

  /** Returns who signs Intel's quoting enclave for TDX. */
  public static byte[] mrSigner() {
    return MRSIGNER.clone();
  }

  /** Returns the certificate of the root, to be trusted in a test. */
  public X509Certificate rootCertificate() {
    return root.certificate();
  }

  private byte[] report(byte[] mrSigner, int product, boolean debug) {
    ByteBuffer out = ByteBuffer.allocate(384).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(48, debug ? 0x17 : 0x15);
    out.position(128).put(mrSigner);
    out.putShort(256, (short) product).putShort(258, (short) 6);
    out.position(320).put(sha256(Der.concat(rawKey(), AUTH_DATA)));
    return out.array();
  }

  private byte[] rawKey() {
    ECPublicKey key = (ECPublicKey) attestationKey.getPublic();
    byte[] info = key.getEncoded(); // ends with the point: 04, x, y
    ByteBuffer raw = ByteBuffer.allocate(64);
    return raw.put(info, info.length - 64, 64).array();
  }

  /**
   * Returns a signed quote.
   *
   * @param version 4 or 5
   * @param body of a TD 1.0 or (version 5 only) a TD 1.5 guest
   */
  public byte[] quote(int version, byte[] body) {
    byte[] signed = signed(version, body);
    byte[] certified =
        Der.concat(
            report,
            pck.sign(report),
            le16(AUTH_DATA.length),
            AUTH_DATA,
            le16(5),
            le32(chain.length),
            chain);
    byte[] signature =
        Der.concat(
            Authority.sign(attestationKey.getPrivate(), signed),
            rawKey(),
            le16(6),
            le32(certified.length),
            certified);
    return Der.concat(signed, le32(signature.length), signature);
  }

  /** Returns header and body, without a signature. */
  public static byte[] signed(int version, byte[] body) {
    byte[] header =
        Der.concat(
            le16(version),
            le16(2),
            le32(0x81),
            new byte[4],
            VENDOR,
            new byte[] {1, 2, 3},
            new byte[17]);
    if (version == 4) {
      return Der.concat(header, body);
    }
    return Der.concat(header, le16(body.length == TD15_BYTES ? 3 : 2), le32(body.length), body);
  }

  static byte[] le16(int number) {
    return ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort((short) number).array();
  }

  static byte[] le32(int number) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
