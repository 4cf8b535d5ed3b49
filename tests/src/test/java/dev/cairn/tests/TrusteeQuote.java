package dev.cairn.tests;

import dev.cairn.tests.Trustee.RefusedException;
import java.io.ByteArrayInputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The rules by which verifiers of Confidential Containers take or refuse an evidence, but for the
 * chain of certificates up to a maker of hardware. Shares no code with Cairn.
 *
 * @see "confidential-containers/trustee deps/verifier (tdx, tpm, az_snp_vtpm); its fork's tpm"
 */
final class TrusteeQuote {
  private static final int SHA256 = 0xB;
  private static final int SHA384 = 0xC;
  private static final int PCRS = 24;
  private static final int DIGEST = 32;
  private static final int RTMR_BYTES = 48;
  private static final int REPORT_DATA_BYTES = 64;
  private static final int TPM_GENERATED = 0xFF544347;
  private static final int NO_ACTION = 3;
  private static final int ATTEST_QUOTE = 0x8018;

  private TrusteeQuote() {}

  /** Upstream's {@code tpm}: signature, nonce of 32 bytes, digest of 24 PCRs. */
  static void tpm(Map<String, Object> evidence, byte[] reportData) throws RefusedException {
    Map<String, Object> quote = object(evidence, "tpm_quote");
    byte[] message = base64(quote, "message");
    ByteBuffer signature = ByteBuffer.wrap(base64(quote, "signature"));
    require(signature.getShort() == 0x14, "the signature is not RSASSA");
    require(signature.getShort() == SHA256, "the signature is not over SHA-256");
    byte[] raw = new byte[signature.getShort()];
    signature.get(raw);
    require(!signature.hasRemaining(), "bytes behind the signature");
    requireSigned(key(base64(evidence, "ak_public")), message, raw);
    requireAttest(message, Arrays.copyOf(reportData, DIGEST), quote);
  }

  /** The fork's {@code tpm}: the same with other names, and a log over the PCRs that it names. */
  static Trustee tpmOfTheFork(Map<String, Object> evidence, byte[] reportData)
      throws RefusedException {
    Map<String, Object> quote = object(object(evidence, "quote"), "SHA256");
    byte[] message = base64(quote, "attest_body");
    byte[] endorsement = base64(evidence, "ek_pubkey");
    require(ByteBuffer.wrap(endorsement).getShort() == 1, "ek_pubkey is no RSA TPMT_PUBLIC");
    String pem = text(evidence, "ak_pubkey");
    String body = pem.replaceAll("-----[A-Z ]+-----", "").replace("\n", "");
    requireSigned(key(Base64.getDecoder().decode(body)), message, base64(quote, "attest_sig"));
    requireAttest(message, Arrays.copyOf(reportData, DIGEST), quote);
    Trustee log = Trustee.parse(base64(evidence, "aa_eventlog"));
    boolean none = text(evidence, "eventlog").equals("null"); // as the parser of the tests has it
    Map<Long, byte[]> boot = none ? Map.of() : boot(base64(evidence, "eventlog"));
    Set<Long> named = new TreeSet<>(log.registers());
    named.addAll(boot.keySet());
    for (long pcr : named) {
      byte[] start = boot.getOrDefault(pcr, new byte[DIGEST]);
      String replayed = HexFormat.of().formatHex(log.replay(start, pcr, SHA256));
      require(
          replayed.equals(list(quote, "pcrs").get((int) pcr)),
          "SHA256 eventlog replay mismatch for PCR " + pcr);
    }
    return log;
  }

  /** What the firmware's log says the PCRs of its SHA-256 bank held after boot. */
  private static Map<Long, byte[]> boot(byte[] log) throws RefusedException {
    Map<Long, byte[]> values = new TreeMap<>();
    ByteBuffer in = ByteBuffer.wrap(log).order(ByteOrder.LITTLE_ENDIAN);
    try {
      in.position(28);
      in.position(in.position() + Integer.BYTES + in.getInt(28));
      while (in.hasRemaining()) {
        long pcr = Integer.toUnsignedLong(in.getInt());
        int type = in.getInt();
        for (int left = in.getInt(); left > 0; left--) {
          int algorithm = Short.toUnsignedInt(in.getShort());
          byte[] digest = new byte[sizeOf(algorithm)];
          in.get(digest);
          if (algorithm == SHA256 && type != NO_ACTION) {
            byte[] old = values.getOrDefault(pcr, new byte[DIGEST]);
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            hash.update(old);
            values.put(pcr, hash.digest(digest));
          }
        }
        int size = in.getInt();
        in.position(in.position() + size);
      }
      return values;
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new RefusedException("truncated boot log");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int sizeOf(int algorithm) throws RefusedException {
    return switch (algorithm) {
      case 0x4 -> 20;
      case SHA256 -> DIGEST;
      case SHA384 -> RTMR_BYTES;
      case 0xD -> 64;
      default -> throw new RefusedException("boot log: algorithm " + algorithm);
    };
  }

  /** {@code az-snp-vtpm}: the key is in the report's runtime data; the quote's nonce is ours. */
  static Trustee azure(Map<String, Object> evidence, byte[] reportData, PublicKey keyOfReport)
      throws RefusedException {
    require("2".equals(String.valueOf(evidence.get("version"))), "version is not 2");
    Map<String, Object> quote = object(evidence, "tpm_quote");
    byte[] message = HexFormat.of().parseHex(text(quote, "message"));
    requireSigned(keyOfReport, message, HexFormat.of().parseHex(text(quote, "signature")));
    requireAttest(message, reportData, quote);
    require(Base64.getUrlDecoder().decode(text(evidence, "hcl_report")).length > 1216, "report");
    try {
      CertificateFactory.getInstance("X.509")
          .generateCertificate(
              new ByteArrayInputStream(Base64.getUrlDecoder().decode(text(evidence, "vcek"))));
    } catch (GeneralSecurityException e) {
      throw new RefusedException("vcek: " + e.getMessage());
    }
    Trustee log = Trustee.parse(base64(evidence, "cc_eventlog"));
    for (long pcr : log.registers()) {
      String replayed = HexFormat.of().formatHex(log.replay(pcr, SHA256));
      require(replayed.equals(list(quote, "pcrs").get((int) pcr)), "replay of PCR " + pcr);
    }
    return log;
  }

  /** {@code tdx}: report data, and all four registers from zeros. The signature is not followed. */
  static Trustee tdx(Map<String, Object> evidence, byte[] reportData) throws RefusedException {
    byte[] quote = base64(evidence, "quote");
    ByteBuffer in = ByteBuffer.wrap(quote).order(ByteOrder.LITTLE_ENDIAN);
    int version = in.getShort(0);
    require(version == 4 || version == 5, "quote version " + version);
    int body = version == 4 ? 48 : 48 + 6;
    byte[] data = Arrays.copyOfRange(quote, body + 520, body + 520 + REPORT_DATA_BYTES);
    require(Arrays.equals(data, Arrays.copyOf(reportData, REPORT_DATA_BYTES)), "REPORTDATA");
    Trustee log = Trustee.parse(base64(evidence, "cc_eventlog"));
    for (int rtmr = 0; rtmr < 4; rtmr++) {
      int offset = body + 328 + rtmr * RTMR_BYTES;
      byte[] given = Arrays.copyOfRange(quote, offset, offset + RTMR_BYTES);
      require(
          Arrays.equals(log.replay(rtmr + 1L, SHA384), given),
          "Measurement Register [index = %d]".formatted(rtmr + 1));
    }
    return log;
  }

  private static void requireSigned(PublicKey key, byte[] message, byte[] signature)
      throws RefusedException {
    try {
      Signature verifier = Signature.getInstance("SHA256withRSA");
      verifier.initVerify(key);
      verifier.update(message);
      require(verifier.verify(signature), "signature");
    } catch (GeneralSecurityException e) {
      throw new RefusedException("signature: " + e.getMessage());
    }
  }

  private static void requireAttest(byte[] message, byte[] nonce, Map<String, Object> quote)
      throws RefusedException {
    List<?> pcrs = list(quote, "pcrs");
    require(pcrs.size() == PCRS, "pcrs: " + pcrs.size());
    try {
      ByteBuffer in = ByteBuffer.wrap(message);
      require(in.getInt() == TPM_GENERATED, "magic");
      require(Short.toUnsignedInt(in.getShort()) == ATTEST_QUOTE, "type");
      sized(in); // signer
      require(Arrays.equals(sized(in), nonce), "nonce");
      in.position(in.position() + 25); // clock and firmware
      require(in.getInt() == 1, "one bank is to be quoted");
      require(in.getShort() == SHA256, "bank");
      require(in.get() == 3 && in.get() == -1 && in.get() == -1 && in.get() == -1, "selection");
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      for (Object pcr : pcrs) {
        hash.update(HexFormat.of().parseHex(String.valueOf(pcr)));
      }
      require(Arrays.equals(sized(in), hash.digest()), "pcrDigest");
      require(!in.hasRemaining(), "bytes behind the quote");
    } catch (BufferUnderflowException e) {
      throw new RefusedException("truncated quote");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] sized(ByteBuffer in) {
    byte[] bytes = new byte[Short.toUnsignedInt(in.getShort())];
    in.get(bytes);
    return bytes;
  }

  private static PublicKey key(byte[] subjectPublicKeyInfo) throws RefusedException {
    try {
      return KeyFactory.getInstance("RSA")
          .generatePublic(new X509EncodedKeySpec(subjectPublicKeyInfo));
    } catch (GeneralSecurityException e) {
      throw new RefusedException("key: " + e.getMessage());
    }
  }

  private static void require(boolean condition, String what) throws RefusedException {
    if (!condition) {
      throw new RefusedException(what);
    }
  }

  private static byte[] base64(Map<String, Object> json, String name) throws RefusedException {
    return Base64.getDecoder().decode(text(json, name));
  }

  private static String text(Map<String, Object> json, String name) throws RefusedException {
    if (json.get(name) instanceof String text) {
      return text;
    }
    throw new RefusedException("missing field " + name);
  }

  @SuppressWarnings("unchecked") // JSON has no other keys
  private static Map<String, Object> object(Map<String, Object> json, String name)
      throws RefusedException {
    if (json.get(name) instanceof Map<?, ?> object) {
      return (Map<String, Object>) object;
    }
    throw new RefusedException("missing field " + name);
  }

  private static List<?> list(Map<String, Object> json, String name) throws RefusedException {
    if (json.get(name) instanceof List<?> list) {
      return list;
    }
    throw new RefusedException("missing field " + name);
  }
}
