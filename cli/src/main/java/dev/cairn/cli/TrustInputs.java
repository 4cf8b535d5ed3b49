package dev.cairn.cli;

import dev.cairn.evidence.Trust;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whose certificates a user believes. */
final class TrustInputs {
  private static final int MAX_FILE_BYTES = 1 << 20;

  @Option(
      names = "--authority",
      paramLabel = "FILE",
      description = {
        "certificates to trust, PEM or DER; may be given again. For quotes of TDX",
        "instead of Intel's root"
      })
  private List<String> authorities = new ArrayList<>();

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description = "when certificates have to be valid, e.g. 2026-01-01T00:00:00Z; else now")
  private @Nullable Instant at;

  /** Returns whether the user has said anything. */
  boolean given() {
    return at != null || !authorities.isEmpty();
  }

  /** Reads the certificates. */
  Trust read() throws CommandException, IOException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (String name : authorities) {
      certificates.addAll(certificates(name));
    }
    return new Trust(certificates, at == null ? Trust.DEFAULT.time() : InstantSource.fixed(at));
  }

  private static List<X509Certificate> certificates(String name)
      throws CommandException, IOException {
    byte[] content;
    try (InputStream in = Files.newInputStream(Path.of(name))) {
      content = in.readNBytes(MAX_FILE_BYTES);
    } catch (IOException e) {
      throw new CommandException(
          ExitStatus.UNUSABLE_INPUT, "--authority: " + ErrorReport.line(e), e);
    }
    try {
      Collection<? extends Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(content));
      if (found.isEmpty()) {
        throw new CertificateException("none in it");
      }
      return found.stream().map(X509Certificate.class::cast).toList();
    } catch (CertificateException e) {
      throw new CommandException(
          ExitStatus.UNUSABLE_INPUT,
          "--authority: %s: needs certificates, PEM or DER: %s".formatted(name, e.getMessage()),
          e);
    }
  }
}
