package dev.cairn.coco;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.evidence.Base64Stream;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.RegisterId;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The JSON that the agent answers a request for evidence with, read piece by piece: it may hold a
 * long log. All text in it is ASCII.
 *
 * @see EvidenceShape
 */
public final class CocoEvidence {
  /** Part of a quote for {@link EvidenceShape#TPM_KEYLIME}: the firmware's log, if there is one. */
  public static final String BOOT_LOG = "boot_log";

  /** Part of a quote for {@link EvidenceShape#AZ_SNP_VTPM}: the certificate of the processor. */
  public static final String VCEK = "vcek";

  private static final int TDX_REPORT_DATA = 64;
  private static final int TPM_REPORT_DATA = 32;
  private static final int PCRS = 24;
  private static final int AZURE_VERSION = 2;

  /** u16 scheme, u16 hash, u16 length: what TPMT_SIGNATURE has before an RSASSA signature. */
  private static final int RSASSA_HEAD = 6;

  private final String before;
  private final Optional<CocoLog.Part> log;
  private final String after;

  private CocoEvidence(String before, Optional<CocoLog.Part> log, String after) {
    this.before = before;
    this.log = log;
    this.after = after;
  }

  /**
   * Returns what to have quoted for {@code reportData}.
   *
   * @throws IllegalArgumentException if it is too long for this platform; names limit and remedy
   */
  public static QuoteRequest request(CocoPlatform platform, Bytes reportData) {
    return switch (platform.shape()) {
      case TDX -> {
        if (reportData.length() > TDX_REPORT_DATA) {
          throw new IllegalArgumentException(
              "runtime_data: %d bytes, TDX takes at most %d: hash it"
                  .formatted(reportData.length(), TDX_REPORT_DATA));
        }
        yield QuoteRequest.of(reportData);
      }
      case SAMPLE -> QuoteRequest.of(Bytes.EMPTY); // signed by nobody: the values are all we need
      case TPM, TPM_KEYLIME -> pcrs(fit(reportData));
      case AZ_SNP_VTPM -> pcrs(reportData);
    };
  }

  private static QuoteRequest pcrs(Bytes nonce) {
    TreeSet<RegisterId> registers = new TreeSet<>();
    for (int i = 0; i < PCRS; i++) {
      registers.add(RegisterId.pcr(i));
    }
    return new QuoteRequest(nonce, registers, new TreeSet<>(Set.of(HashAlgorithm.SHA256)));
  }

  private static Bytes fit(Bytes reportData) {
    byte[] fitted = new byte[TPM_REPORT_DATA];
    reportData.slice(0, Math.min(reportData.length(), TPM_REPORT_DATA)).copyTo(fitted, 0);
    return Bytes.owning(fitted);
  }

  /**
   * Makes the evidence.
   *
   * @param reportData as the client gave it
   * @param quote taken for {@link #request}
   * @param log the log that belongs to the quote; nothing if there is none
   * @throws IllegalArgumentException if the quote lacks a part that this shape needs; names it
   */
  public static CocoEvidence of(
      CocoPlatform platform, Bytes reportData, Quote quote, Optional<CocoLog.Part> log) {
    StringBuilder rest = new StringBuilder();
    switch (platform.shape()) {
      case TDX -> rest.append(text("quote", base64(part(quote, "quote"))));
      case SAMPLE -> {
        if (platform.map() == RegisterMap.SINGLE) {
          Bytes value = value(quote, platform.map().register(0), platform.bank());
          rest.append(text("measure_register", value.toHex())).append(',');
        }
        rest.append(text("report_data", base64(reportData))).append(',').append(text("svn", "1"));
      }
      case TPM -> {
        rawRsa(part(quote, "signature")); // its verifiers know no other
        rest.append(text("ak_public", base64(part(quote, "key"))))
            .append(",\"tpm_quote\":{")
            .append(text("message", base64(part(quote, "attest"))))
            .append(',')
            .append(pcrValues(quote))
            .append(',')
            .append(text("signature", base64(part(quote, "signature"))))
            .append('}');
      }
      case AZ_SNP_VTPM ->
          rest.append(text("hcl_report", base64Url(part(quote, "hcl_report"))))
              .append(",\"tpm_quote\":{")
              .append(text("message", part(quote, "attest").toHex()))
              .append(',')
              .append(pcrValues(quote))
              .append(',')
              .append(text("signature", rawRsa(part(quote, "signature")).toHex()))
              .append("},")
              .append(text("vcek", base64Url(part(quote, VCEK))))
              .append(",\"version\":")
              .append(AZURE_VERSION);
      case TPM_KEYLIME ->
          rest.append("\"ak_pubkey\":")
              .append(pem(part(quote, "key")))
              .append(",\"ek_cert\":null,")
              .append(text("ek_pubkey", base64(part(quote, "ek_public"))))
              .append(",\"eventlog\":")
              .append(bootLog(quote))
              .append(",\"keylime_agent_uuid\":null,\"quote\":{\"SHA256\":{")
              .append(text("attest_body", base64(part(quote, "attest"))))
              .append(',')
              .append(text("attest_sig", base64(rawRsa(part(quote, "signature")))))
              .append(',')
              .append(pcrValues(quote))
              .append("}}");
    }
    String logName = platform.shape() == EvidenceShape.TPM_KEYLIME ? "aa_eventlog" : "cc_eventlog";
    String before = "{\"" + logName + "\":";
    return log.isPresent()
        ? new CocoEvidence(before + '"', log, "\"," + rest + "}")
        : new CocoEvidence(before + "null", log, "," + rest + "}");
  }

  /** Returns the length in bytes. */
  public long length() {
    long encoded = log.map(part -> Base64Stream.encodedLength(part.length())).orElse(0L);
    return before.length() + encoded + after.length();
  }

  /** Returns the JSON. The log's files have to stay open while it is read. */
  public InputStream open() {
    List<InputStream> parts = new ArrayList<>();
    parts.add(new ByteArrayInputStream(before.getBytes(US_ASCII)));
    log.ifPresent(part -> parts.add(new Base64Stream(part.open())));
    parts.add(new ByteArrayInputStream(after.getBytes(US_ASCII)));
    return new SequenceInputStream(Collections.enumeration(parts));
  }

  /** Its verifiers replay our records on top of the firmware's. */
  private static String bootLog(Quote quote) {
    Bytes log = quote.parts().get(BOOT_LOG);
    return log == null ? "null" : '"' + base64(log) + '"';
  }

  private static Bytes part(Quote quote, String name) {
    Bytes part = quote.parts().get(name);
    if (part == null) {
      throw new IllegalArgumentException(
          "the quote of type %s has no part '%s', it has %s"
              .formatted(quote.type(), name, quote.parts().keySet()));
    }
    return part;
  }

  private static Bytes value(Quote quote, RegisterId register, HashAlgorithm bank) {
    Digest value = quote.values().getOrDefault(register, DigestSet.EMPTY).find(bank);
    if (value == null) {
      throw new IllegalArgumentException(
          "the quote has no value of %s in %s".formatted(register, bank.bank()));
    }
    return value.value();
  }

  private static String pcrValues(Quote quote) {
    StringBuilder json = new StringBuilder("\"pcrs\":[");
    for (int i = 0; i < PCRS; i++) {
      json.append(i == 0 ? "\"" : ",\"")
          .append(value(quote, RegisterId.pcr(i), HashAlgorithm.SHA256).toHex())
          .append('"');
    }
    return json.append(']').toString();
  }

  private static Bytes rawRsa(Bytes signature) {
    if (signature.length() <= RSASSA_HEAD || signature.at(0) != 0 || signature.at(1) != 0x14) {
      throw new IllegalArgumentException(
          "the quote is signed with scheme %s, this evidence needs RSASSA: set 'attestation-key' to an RSA key (rsa, azure)"
              .formatted(HexFormat.of().formatHex(signature.toArray(), 0, 2)));
    }
    return signature.slice(RSASSA_HEAD, signature.length());
  }

  private static String text(String name, String asciiWithoutEscapes) {
    return '"' + name + "\":\"" + asciiWithoutEscapes + '"';
  }

  private static String pem(Bytes subjectPublicKeyInfo) {
    String body =
        Base64.getMimeEncoder(64, new byte[] {'\n'})
            .encodeToString(subjectPublicKeyInfo.toArray())
            .replace("\n", "\\n");
    return "\"-----BEGIN PUBLIC KEY-----\\n" + body + "\\n-----END PUBLIC KEY-----\\n\"";
  }

  private static String base64(Bytes bytes) {
    return Base64.getEncoder().encodeToString(bytes.toArray());
  }

  private static String base64Url(Bytes bytes) {
    return Base64.getUrlEncoder().encodeToString(bytes.toArray());
  }
}
