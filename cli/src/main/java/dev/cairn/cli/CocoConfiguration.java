package dev.cairn.cli;

import dev.cairn.cli.config.Configuration;
import dev.cairn.cli.config.Key;
import dev.cairn.coco.AaelText;
import dev.cairn.coco.CocoPlatform;
import dev.cairn.coco.EvidenceShape;
import dev.cairn.coco.LogHeader;
import dev.cairn.http.CocoSettings;
import dev.cairn.measure.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The keys that begin with {@code coco.}, in the terms of the server. */
final class CocoConfiguration {
  private CocoConfiguration() {}

  /**
   * Translates them; nothing if that face of the service is switched off.
   *
   * @throws IllegalArgumentException that names the key, its value and what it needs
   */
  static Optional<CocoSettings> of(Configuration configuration) {
    if (!isOn(configuration, Key.COCO_API)) {
      return Optional.empty();
    }
    CocoPlatform platform = platform(configuration);
    return Optional.of(
        new CocoSettings(
            platform,
            isOn(configuration, Key.COCO_EVENTS),
            pcr(configuration, platform),
            choice(configuration, Key.COCO_TEXT, AaelText.class),
            isOn(configuration, Key.COCO_STRICT_STATUS),
            choice(configuration, Key.COCO_HEADER, LogHeader.class),
            Backends.state(configuration),
            Set.copyOf(configuration.texts(Key.COCO_ONCE_PER_BOOT)),
            configuration.text(Key.COCO_MIRROR).map(Path::of),
            upstream(configuration),
            vcek(configuration, platform)));
  }

  private static CocoPlatform platform(Configuration configuration) {
    String tee = configuration.text(Key.COCO_TEE).orElseThrow();
    if (tee.equals("auto")) {
      return switch (configuration.text(Key.BACKEND).orElse("")) {
        case "tdx" -> CocoPlatform.TDX;
        case "tpm" -> CocoPlatform.TPM;
        default ->
            switch (configuration.text(Key.PROFILE).orElse("")) {
              case "tpm" -> CocoPlatform.SAMPLE_TPM;
              case "sample" -> CocoPlatform.SAMPLE;
              default -> CocoPlatform.SAMPLE_TDX;
            };
      };
    }
    return CocoPlatform.of(tee)
        .orElseThrow(
            () ->
                wrong(
                    Key.COCO_TEE,
                    tee,
                    "auto, tdx, tpm, tpm-keylime, az-snp-vtpm, sample, sample-tdx or sample-tpm"));
  }

  /** Refuses a register that the platform lacks now, not at the first event. */
  private static long pcr(Configuration configuration, CocoPlatform platform) {
    Optional<String> text = configuration.text(Key.COCO_INIT_PCR);
    if (text.isEmpty()) {
      return platform.defaultPcr();
    }
    try {
      long pcr = Long.parseUnsignedLong(text.get());
      String register = platform.map().register(pcr).name();
      if (register.matches("pcr(1[7-9]|2[0-2])")) {
        throw new IllegalArgumentException(
            register + " belongs to the DRTM: locality 0 cannot extend it; 16 or 23 can be");
      }
      return pcr;
    } catch (NumberFormatException e) {
      throw wrong(Key.COCO_INIT_PCR, text.get(), "a whole number");
    } catch (IllegalArgumentException e) {
      throw wrong(Key.COCO_INIT_PCR, text.get(), String.valueOf(e.getMessage()));
    }
  }

  private static Optional<String> upstream(Configuration configuration) {
    Optional<String> url = configuration.text(Key.COCO_TOKEN_UPSTREAM);
    if (url.isPresent() && !url.get().matches("http://[^/?#@]+")) {
      throw wrong(Key.COCO_TOKEN_UPSTREAM, url.get(), "http://HOST:PORT, without a path");
    }
    return url;
  }

  private static Optional<Bytes> vcek(Configuration configuration, CocoPlatform platform) {
    Optional<String> file = configuration.text(Key.COCO_VCEK);
    if (file.isEmpty()) {
      if (platform.shape() == EvidenceShape.AZ_SNP_VTPM) {
        throw wrong(
            Key.COCO_VCEK,
            "",
            "a file: evidence of az-snp-vtpm ships the certificate of the processor's key;"
                + " docs/coco.md says where to get it");
      }
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(Path.of(file.get()))) {
      return Optional.of(
          Bytes.owning(
              CertificateFactory.getInstance("X.509").generateCertificate(in).getEncoded()));
    } catch (IOException e) {
      throw wrong(Key.COCO_VCEK, file.get(), "a file that can be read: " + e);
    } catch (CertificateException e) {
      throw wrong(Key.COCO_VCEK, file.get(), "an X.509 certificate, PEM or DER: " + e.getMessage());
    }
  }

  private static boolean isOn(Configuration configuration, Key key) {
    String text = configuration.text(key).orElseThrow();
    return switch (text) {
      case "on" -> true;
      case "off" -> false;
      default -> throw wrong(key, text, "on or off");
    };
  }

  private static <E extends Enum<E>> E choice(Configuration configuration, Key key, Class<E> type) {
    String text = configuration.text(key).orElseThrow();
    for (E value : type.getEnumConstants()) {
      if (value.name().toLowerCase(Locale.ROOT).equals(text)) {
        return value;
      }
    }
    throw wrong(
        key, text, java.util.Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT));
  }

  private static IllegalArgumentException wrong(Key key, String value, String needed) {
    return new IllegalArgumentException("%s: '%s': needs %s".formatted(key.label(), value, needed));
  }
}
