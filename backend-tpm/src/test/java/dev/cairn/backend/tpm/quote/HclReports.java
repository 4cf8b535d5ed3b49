package dev.cairn.backend.tpm.quote;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;

/** Reports as Azure's host makes them, but for the signature of a processor. */
final class HclReports {
  private static final int JSON = 1236;

  private HclReports() {}

  /** Returns one about {@code key}, which is RSA. */
  static Bytes about(PublicKey key) {
    RSAPublicKey rsa = (RSAPublicKey) key;
    String json =
        "{\"keys\":[{\"kid\":\"HCLEkPub\",\"n\":\"AQAB\",\"e\":\"AQAB\"},{\"kid\":\"HCLAkPub\",\"key_ops\":[\"sign\"],\"kty\":\"RSA\",\"e\":\"%s\",\"n\":\"%s\"}],\"vm-configuration\":{\"secure-boot\":true}}"
            .formatted(
                base64(rsa.getPublicExponent().toByteArray()),
                base64(SoftTpm.fixed(rsa.getModulus(), rsa.getModulus().bitLength() / 8)));
    byte[] text = json.getBytes(UTF_8);
    ByteBuffer report = ByteBuffer.allocate(JSON + text.length).order(ByteOrder.LITTLE_ENDIAN);
    report.put("HCLA".getBytes(UTF_8));
    report.put(32 + 0x50, HashAlgorithm.SHA256.hash(Bytes.copyOf(text)).value().toArray());
    report.position(1216).putInt(20 + text.length).putInt(1).putInt(2).putInt(1);
    report.putInt(text.length).put(text);
    return Bytes.owning(report.array());
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
