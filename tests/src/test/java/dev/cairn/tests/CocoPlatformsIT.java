package dev.cairn.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.backend.tdx.emulation.EmulatedKernel;
import dev.cairn.backend.tdx.emulation.EmulatedKernel.Offer;
import dev.cairn.backend.tpm.testing.RawTpm;
import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.testing.Json;
import dev.cairn.testing.Vectors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The evidence that a packaged daemon gives on each platform, under the rules of its verifier. */
class CocoPlatformsIT {
  private static final String NONCE = "a nonce of the key broker";
  private static final byte[] REPORT_DATA = NONCE.getBytes(UTF_8);
  private static final int EVENTS = 20;

  @TempDir Path folder;

  private Path state() {
    return folder.resolve("state");
  }

  /** Posts events to the registers of {@code pcrs}, and asks for evidence. */
  private static Map<String, Object> evidence(Daemon daemon, int... pcrs) throws IOException {
    try (Connection connection = daemon.connect()) {
      for (int i = 0; i < EVENTS; i++) {
        String body =
            "{\"domain\":\"example.org\",\"operation\":\"load\",\"content\":\"%d\",\"register_index\":%d}"
                .formatted(i, pcrs[i % pcrs.length]);
        Response response = connection.post("/aa/aael", "", body.getBytes(UTF_8));
        assertThat(response.text()).isEqualTo("{\"success\":\"true\"}");
      }
      Response response = connection.get("/aa/evidence?runtime_data=" + NONCE.replace(" ", "%20"));
      assertThat(response.status()).as(daemon.errors()).isEqualTo(200);
      return Json.parseObject(response.bytes());
    }
  }

  private static void assertHasAllEvents(Trustee log) {
    assertThat(log.claims().stream().filter(claim -> claim.text().startsWith("example.org load ")))
        .hasSize(EVENTS)
        .allMatch(Trustee.Claim::digestMatches);
  }

  @Nested
  class GivenASoftwareTpm {
    private Daemon.Setup setup(Swtpm swtpm, String key, String tee) {
      return Daemon.Setup.tpm(state(), swtpm.address(), List.of("pcr14", "pcr16", "pcr23"))
          .with("--attestation-key", key, "--coco-tee", tee);
    }

    @Test
    void whenTheVerifierIsUpstreams_thenItTakesTheEvidence() throws Exception {
      try (Swtpm swtpm = Swtpm.start();
          Daemon daemon = setup(swtpm, "rsa", "tpm").start()) {
        Map<String, Object> evidence = evidence(daemon, 14, 16, 23);

        TrusteeQuote.tpm(evidence, REPORT_DATA);
        Trustee log = Trustee.parse(Base64.getDecoder().decode(Json.text(evidence, "cc_eventlog")));
        assertHasAllEvents(log);
        assertThat(log.registers()).containsExactly(14L, 16L, 23L);
      }
    }

    @Test
    void whenANonceOrAValueIsAnother_thenTheRulesRefuseTheEvidence() throws Exception {
      try (Swtpm swtpm = Swtpm.start();
          Daemon daemon = setup(swtpm, "rsa", "tpm").start()) {
        Map<String, Object> evidence = evidence(daemon, 16);

        assertThatThrownBy(() -> TrusteeQuote.tpm(evidence, new byte[32])).hasMessage("nonce");
        List<Object> pcrs = new ArrayList<>(Json.list(Json.object(evidence, "tpm_quote"), "pcrs"));
        pcrs.set(16, "00".repeat(32));
        Json.object(evidence, "tpm_quote").put("pcrs", pcrs);
        assertThatThrownBy(() -> TrusteeQuote.tpm(evidence, REPORT_DATA)).hasMessage("pcrDigest");
      }
    }

    @Test
    void whenTheVerifierIsTheForks_thenItTakesTheEvidence() throws Exception {
      try (Swtpm swtpm = Swtpm.start()) {
        swtpm.run("tpm2_createek", "-c", "0x81010001", "-G", "rsa");
        try (Daemon daemon = setup(swtpm, "rsa", "tpm-keylime").start()) {
          Map<String, Object> evidence = evidence(daemon, 14, 16, 23);

          assertHasAllEvents(TrusteeQuote.tpmOfTheFork(evidence, REPORT_DATA));
        }
      }
    }

    @Test
    void whenFirmwareHasMeasured_thenTheForksVerifierReplaysOursOnTopOfItsLog() throws Exception {
      byte[] boot = Vectors.bytes("boot/secureboot-shim-grub-6.1/binary_bios_measurements");
      Path logs = Files.createDirectories(folder.resolve("sys/kernel/security/tpm0"));
      Files.write(logs.resolve("binary_bios_measurements"), boot);
      try (Swtpm swtpm = Swtpm.start()) {
        swtpm.run("tpm2_createek", "-c", "0x81010001", "-G", "rsa");
        try (RawTpm firmware = swtpm.connect()) {
          extendAll(firmware, boot);
        }
        Daemon.Setup setup =
            setup(swtpm, "rsa", "tpm-keylime")
                .with("--sysfs-root", folder.resolve("sys").toString());
        try (Daemon daemon = setup.start()) {
          Map<String, Object> evidence = evidence(daemon, 14, 16); // shim has extended PCR 14

          assertHasAllEvents(TrusteeQuote.tpmOfTheFork(evidence, REPORT_DATA));
          assertThat(Base64.getDecoder().decode(Json.text(evidence, "eventlog"))).isEqualTo(boot);
        }
      }
    }

    private static void extendAll(RawTpm tpm, byte[] log) throws IOException {
      try (EventReader reader = EventLogs.open(new ByteArrayInputStream(log))) {
        for (EventRecord next = reader.next(); next != null; next = reader.next()) {
          if (next.content().measured()) {
            tpm.extend((int) next.register().index(), next.digests());
          }
        }
      }
    }

    @Test
    void whenTheForkNeedsAnEndorsementKeyThatIsNotThere_thenTheLogSaysSo() throws Exception {
      try (Swtpm swtpm = Swtpm.start();
          Daemon daemon = setup(swtpm, "rsa", "tpm-keylime").start()) {
        assertThat(daemon.get("/aa/evidence?runtime_data=x").status()).isEqualTo(500);
        assertThat(daemon.errors()).contains("ek_public");
      }
    }

    @Test
    void whenTheKeyIsEcc_thenTheLogNamesTheRemedy() throws Exception {
      try (Swtpm swtpm = Swtpm.start();
          Daemon daemon = setup(swtpm, "ecc", "tpm").start()) {
        assertThat(daemon.get("/aa/evidence?runtime_data=x").status()).isEqualTo(500);
        assertThat(daemon.errors()).contains("RSASSA", "attestation-key");
      }
    }
  }

  /** A TPM with what Azure puts into it: key, and report. */
  @Nested
  class GivenAVtpmOfAzure {
    private static final String KEY = "0x81000003";
    private static final String ATTRIBUTES =
        "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign|noda";

    private PublicKey provision(Swtpm swtpm) throws Exception {
      Path report = folder.resolve("report");
      byte[] whole = Vectors.bytes("coco/az-snp-vtpm_hcl-report.bin");
      Files.write(report, Arrays.copyOf(whole, 2048)); // more does not fit into an index of swtpm
      String context = folder.resolve("key.ctx").toString();
      Path pem = folder.resolve("key.pem");
      swtpm.run(
          "tpm2_createprimary",
          "-C",
          "e",
          "-G",
          "rsa2048:rsassa-sha256:null",
          "-a",
          ATTRIBUTES,
          "-c",
          context);
      swtpm.run("tpm2_evictcontrol", "-C", "o", "-c", context, KEY);
      swtpm.run("tpm2_readpublic", "-c", KEY, "-f", "pem", "-o", pem.toString());
      swtpm.run("tpm2_flushcontext", "-t");
      swtpm.run(
          "tpm2_nvdefine",
          "0x01400001",
          "-C",
          "o",
          "-s",
          Long.toString(Files.size(report)),
          "-a",
          "ownerread|ownerwrite|authread|authwrite");
      swtpm.run("tpm2_nvwrite", "0x01400001", "-C", "o", "-i", report.toString());
      String body = Files.readString(pem).replaceAll("-----[A-Z ]+-----|\\s", "");
      return KeyFactory.getInstance("RSA")
          .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(body)));
    }

    private Path vcek() throws IOException {
      Map<String, Object> real =
          Json.parseObject(Vectors.bytes("coco/az-snp-vtpm_evidence-v2.json"));
      byte[] der = Base64.getUrlDecoder().decode(Json.text(real, "vcek"));
      return Files.write(folder.resolve("vcek.der"), der);
    }

    @Test
    void whenItsVerifierLooks_thenItTakesTheEvidence() throws Exception {
      try (Swtpm swtpm = Swtpm.start()) {
        PublicKey key = provision(swtpm);
        Daemon.Setup setup =
            Daemon.Setup.tpm(state(), swtpm.address(), List.of("pcr16", "pcr23"))
                .with("--attestation-key", "azure", "--coco-tee", "az-snp-vtpm")
                .with("--coco-vcek", vcek().toString());
        try (Daemon daemon = setup.start()) {
          Map<String, Object> evidence = evidence(daemon, 16, 23);

          assertHasAllEvents(TrusteeQuote.azure(evidence, REPORT_DATA, key));
        }
      }
    }

    @Test
    void whenNoCertificateIsConfigured_thenItDoesNotStartAndSaysWhatItNeeds() throws Exception {
      try (Swtpm swtpm = Swtpm.start();
          Daemon daemon =
              Daemon.Setup.tpm(state(), swtpm.address(), List.of("pcr16"))
                  .with("--attestation-key", "azure", "--coco-tee", "az-snp-vtpm")
                  .launch()) {
        assertThat(daemon.becomesReady()).isFalse();
        assertThat(daemon.errors()).contains("coco.vcek", "docs/coco.md");
      }
    }
  }

  @Nested
  class GivenATdxGuest {
    @Test
    void whenItsRegistersBeganWithZeros_thenTheVerifierTakesTheEvidence() throws Exception {
      Path point = Files.createDirectory(folder.resolve("kernel"));
      try (EmulatedKernel kernel = EmulatedKernel.start(point, Offer.SYSFS, Offer.REPORTS)) {
        for (int i = 0; i < 4; i++) {
          kernel.hardware().setRtmr(i, new byte[48]);
        }
        try (Daemon daemon = Daemon.Setup.tdx(state(), kernel).start()) {
          Map<String, Object> evidence = evidence(daemon, 8, 16);

          assertHasAllEvents(TrusteeQuote.tdx(evidence, REPORT_DATA));
          assertThatThrownBy(() -> TrusteeQuote.tdx(evidence, new byte[64]))
              .hasMessage("REPORTDATA");
        }
      }
    }

    @Test
    void whenFirmwareHasMeasured_thenItsLogComesFirstAndTheVerifierTakesTheEvidence()
        throws Exception {
      byte[] firmware = Vectors.bytes("coco/CCEL_data_ovmf");
      Trustee booted = Trustee.parse(firmware);
      Path point = Files.createDirectory(folder.resolve("kernel"));
      try (EmulatedKernel kernel = EmulatedKernel.start(point, Offer.SYSFS, Offer.REPORTS)) {
        for (int i = 0; i < 4; i++) {
          kernel.hardware().setRtmr(i, booted.replay(i + 1L, 0xC));
        }
        kernel.putFirmwareLog(firmware);
        try (Daemon daemon = Daemon.Setup.tdx(state(), kernel).start()) {
          Map<String, Object> evidence = evidence(daemon, 16);

          Trustee log = TrusteeQuote.tdx(evidence, REPORT_DATA);
          assertHasAllEvents(log);
          assertThat(log.claims()).hasSize(booted.claims().size() + EVENTS);
          assertThat(HexFormat.of().formatHex(log.replay(1, 0xC)))
              .isEqualTo(HexFormat.of().formatHex(booted.replay(1, 0xC)));
        }
      }
    }
  }
}
