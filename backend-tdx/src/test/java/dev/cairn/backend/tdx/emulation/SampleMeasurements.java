package dev.cairn.backend.tdx.emulation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The kernel's sample device: registers of three sizes, one with two hashes, none of them zero at
 * first. The register with two hashes is another name for {@code rtmr0} and {@code rtmr1}.
 *
 * @see "Linux 7.3 samples/tsm-mr/tsm_mr_sample.c"
 */
final class SampleMeasurements implements MeasurementProvider {
  private static final int SHA256_BYTES = 32;
  private static final int SHA384_BYTES = 48;
  private static final int SHA512_BYTES = 64;
  private static final String AGILE = "rtmr_crypto_agile";

  private final Map<String, byte[]> values = new HashMap<>();
  private byte[] reportDigest = new byte[SHA512_BYTES];

  SampleMeasurements() {
    values.put("static_mr", padded("static_mr", SHA384_BYTES));
    values.put("config_mr", padded("config_mr", SHA512_BYTES));
    values.put("rtmr0", padded("rtmr0", SHA256_BYTES));
    values.put("rtmr1", padded("rtmr1", SHA384_BYTES));
  }

  private static byte[] padded(String text, int size) {
    return Arrays.copyOf(text.getBytes(US_ASCII), size);
  }

  @Override
  public String name() {
    return "tsm_mr_sample";
  }

  @Override
  public List<MeasurementRegister> registers() {
    return List.of(
        new MeasurementRegister("static_mr", "sha384", SHA384_BYTES, false, false),
        new MeasurementRegister("config_mr", "", SHA512_BYTES, false, false),
        new MeasurementRegister("rtmr0", "sha256", SHA256_BYTES, false, true),
        new MeasurementRegister("rtmr1", "sha384", SHA384_BYTES, true, true),
        new MeasurementRegister(AGILE, "sha256", SHA256_BYTES, true, true),
        new MeasurementRegister(AGILE, "sha384", SHA384_BYTES, true, true),
        new MeasurementRegister("report_digest", "sha512", SHA512_BYTES, false, true));
  }

  @Override
  public void refresh() {
    reportDigest =
        TdxHardware.hash(
            "SHA-512", value("static_mr"), value("config_mr"), value("rtmr0"), value("rtmr1"));
  }

  @Override
  public byte[] cached(MeasurementRegister register) {
    return register.name().equals("report_digest") ? reportDigest : value(holder(register));
  }

  @Override
  public void extend(MeasurementRegister register, byte[] digest) {
    String name = holder(register);
    String algorithm = name.equals("rtmr0") ? "SHA-256" : "SHA-384";
    values.put(name, TdxHardware.hash(algorithm, value(name), digest));
  }

  private byte[] value(String name) {
    byte[] value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(name);
    }
    return value;
  }

  private static String holder(MeasurementRegister register) {
    if (!register.name().equals(AGILE)) {
      return register.name();
    }
    return register.hash().equals("sha256") ? "rtmr0" : "rtmr1";
  }
}
