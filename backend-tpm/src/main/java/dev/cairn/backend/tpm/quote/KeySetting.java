package dev.cairn.backend.tpm.quote;

import dev.cairn.measure.Bytes;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which key signs quotes, as it stands in the configuration.
 *
 * <pre>
 * ecc                a primary key of the endorsement hierarchy, ECDSA on P-256; always the same one
 * rsa                likewise, RSASSA with 2048 bits
 * handle:0x81010002  a persistent key that somebody has put there
 * azure              the key of Azure's VMs, 0x81000003, with the HCL report that vouches for it
 * gcp-ecc, gcp-rsa   the key of Google's VMs, made from their template, with its certificate
 * </pre>
 *
 * @param text that text
 * @param origin where the key comes from
 * @param required NV indices that are read into parts of the quote, by the part's name; without
 *     them there is no quote
 * @param optional likewise; where an index does not exist the part is left out
 * @see "google/go-tpm-tools client/handles.go; kinvolk/azure-cvm-tooling az-cvm-vtpm"
 */
public record KeySetting(
    String text,
    Origin origin,
    SortedMap<String, Integer> required,
    SortedMap<String, Integer> optional) {
  private static final String HANDLE = "handle:0x";
  private static final int PERSISTENT = 0x81;
  private static final int AZURE_KEY = 0x8100_0003;
  private static final int AZURE_REPORT = 0x0140_0001;
  private static final int GCP_RSA_CERTIFICATE = 0x01C1_0000;
  private static final int GCP_RSA_TEMPLATE = 0x01C1_0001;
  private static final int GCP_ECC_CERTIFICATE = 0x01C1_0002;
  private static final int GCP_ECC_TEMPLATE = 0x01C1_0003;

  /**
   * Type, name algorithm sha256, attributes (fixedTPM, fixedParent, sensitiveDataOrigin,
   * userWithAuth, noDA, restricted, sign), no policy, no symmetric algorithm; scheme and sha256;
   * then P-256, no key derivation, no x, no y; or 2048 bits, exponent 65537, no modulus.
   *
   * <p>With noDA the first use after a reset is not refused with TPM_RC_RETRY.
   */
  private static final Bytes ECC =
      Bytes.fromHex("0023000b0005047200000010" + "0018000b" + "0003001000000000");

  private static final Bytes RSA =
      Bytes.fromHex("0001000b0005047200000010" + "0014000b" + "0800000000000000");

  /**
   * What is taken where nothing is configured: {@code ecc}. Behind the templates, which it needs.
   */
  public static final KeySetting DEFAULT = parse("ecc");

  /** Where a key comes from. */
  sealed interface Origin {
    /** Made in the endorsement hierarchy; the same template always gives the same key. */
    record Template(Bytes area) implements Origin {}

    /** Likewise; the template is in an NV index. */
    record TemplateIn(int nvIndex) implements Origin {}

    /** In the TPM already. */
    record Persistent(int handle) implements Origin {}
  }

  /** Copies the maps. */
  public KeySetting {
    required = Collections.unmodifiableSortedMap(new TreeMap<>(required));
    optional = Collections.unmodifiableSortedMap(new TreeMap<>(optional));
  }

  /**
   * Reads the text of a configuration.
   *
   * @throws IllegalArgumentException if it names no key; the message says what would
   */
  public static KeySetting parse(String text) {
    return switch (text) {
      case "ecc" -> plain(text, new Origin.Template(ECC));
      case "rsa" -> plain(text, new Origin.Template(RSA));
      case "azure" -> {
        TreeMap<String, Integer> report = new TreeMap<>();
        report.put(HclReport.PART, AZURE_REPORT);
        yield new KeySetting(text, new Origin.Persistent(AZURE_KEY), report, new TreeMap<>());
      }
      case "gcp-ecc" -> google(text, GCP_ECC_TEMPLATE, GCP_ECC_CERTIFICATE);
      case "gcp-rsa" -> google(text, GCP_RSA_TEMPLATE, GCP_RSA_CERTIFICATE);
      default -> plain(text, new Origin.Persistent(handle(text)));
    };
  }

  private static KeySetting plain(String text, Origin origin) {
    return new KeySetting(text, origin, new TreeMap<>(), new TreeMap<>());
  }

  private static KeySetting google(String text, int template, int certificate) {
    TreeMap<String, Integer> parts = new TreeMap<>();
    parts.put(CertificateCheck.PART, certificate);
    return new KeySetting(text, new Origin.TemplateIn(template), new TreeMap<>(), parts);
  }

  private static int handle(String text) {
    if (text.matches(HANDLE + "[0-9a-fA-F]{8}")) {
      int handle = Integer.parseUnsignedInt(text.substring(HANDLE.length()), 16);
      if (handle >>> 24 == PERSISTENT) {
        return handle;
      }
    }
    throw new IllegalArgumentException(
        "'%s' names no attestation key: ecc, rsa, handle:0x81…… (persistent), azure, gcp-ecc or gcp-rsa"
            .formatted(text));
  }

  /** Returns the text. */
  @Override
  public String toString() {
    return text;
  }
}
