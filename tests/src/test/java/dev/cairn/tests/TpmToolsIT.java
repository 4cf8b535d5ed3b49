package dev.cairn.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.testing.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What tools that users have make of the same TPM and of the log. */
class TpmToolsIT extends TpmFixture {
  private static final int PCRS = 24;

  private Map<String, Map<String, Object>> registers;
  private Map<String, Map<String, Object>> tools;
  private Path log;
  private byte[] sequence;

  @BeforeEach
  void extend() throws Exception {
    try (Daemon daemon = setup().start()) {
      clients.extend(daemon, 60);
      proxy.run("tpm2_pcrextend", "10:sha1=%s".formatted("22".repeat(20))); // as IMA would
      audit.checkWhole(daemon);
      registers = values(daemon.get("/v1/registers").json());
      log = Files.write(folder.resolve("log.cel"), audit.wholeLog(daemon));
      Response answer = daemon.get("/v1/log?format=cel-json-seq");
      assertThat(answer.headers()).containsEntry("content-type", "application/json-seq");
      sequence = answer.bytes();
    }
    tools = tpm2PcrRead();
  }

  private static Map<String, Map<String, Object>> values(Map<String, Object> answer) {
    Map<String, Map<String, Object>> values = new TreeMap<>();
    for (Object each : (List<?>) answer.getOrDefault("registers", List.of())) {
      Map<String, Object> register = Json.object(each);
      values.put(String.valueOf(register.get("register")), Json.object(register, "value"));
    }
    return values;
  }

  @Test
  void whenTpm2ToolsReadTheRegisters_thenTheyHoldWhatCairnSays() {
    assertThat(tools).hasSize(PCRS);
    assertThat(tools.get("pcr14")).containsOnlyKeys("sha1", "sha256", "sha384", "sha512");
    assertThat(tools).isEqualTo(registers);
  }

  @Test
  void whenTheLogIsReplayed_thenItGivesWhatTpm2ToolsRead() throws Exception {
    Cairn.Ended replay = Cairn.run("replay", "--json", log.toString());
    assertThat(replay.status()).as(replay.toString()).isZero();
    Map<String, Object> replayed = Json.parseObject(replay.out().getBytes(UTF_8));
    for (HashAlgorithm bank : Swtpm.BANKS) {
      assertThat(Json.object(replayed, bank.bank())).isEqualTo(ofOwned(bank));
    }
  }

  @Test
  void whenVerifiedAgainstWhatTpm2ToolsRead_thenItIsRight() throws Exception {
    StringBuilder values = new StringBuilder("{\"registers\":\"pcr\"");
    for (HashAlgorithm bank : Swtpm.BANKS) {
      List<String> members = new ArrayList<>();
      ofOwned(bank).forEach((pcr, value) -> members.add("\"%s\":\"%s\"".formatted(pcr, value)));
      values.append(",\"%s\":{%s}".formatted(bank.bank(), String.join(",", members)));
    }
    Path file = Files.writeString(folder.resolve("values.json"), values.append('}'));

    Cairn.Ended verify = Cairn.run("verify", log.toString(), "--values", file.toString());
    assertThat(verify.status()).as(verify.toString()).isZero();
  }

  @Test
  void whenEvidenceIsSplit_thenTpm2CheckquoteAcceptsIt() throws Exception {
    Path quote = folder.resolve("quote");
    String url;
    try (Daemon daemon = setup().start()) {
      url = "http://127.0.0.1:" + daemon.port();
      Cairn.Ended evidence =
          Cairn.run("evidence", "--url", url, "--nonce", "c0ffee", "--split", quote.toString());
      assertThat(evidence.status()).as(evidence.toString()).isZero();
    }

    String checked =
        proxy.run(
            "tpm2_checkquote",
            "-u",
            quote.resolve("ak.pem").toString(),
            "-m",
            quote.resolve("attest.bin").toString(),
            "-s",
            quote.resolve("signature.bin").toString(),
            "-f",
            quote.resolve("pcrs.bin").toString(),
            "-q",
            "c0ffee");
    String value = String.valueOf(tools.getOrDefault("pcr14", Map.of()).get("sha512"));
    assertThat(checked).containsIgnoringCase(value);
  }

  /** Returns what tpm2-tools read of the registers that Cairn extends, by number. */
  private Map<String, Object> ofOwned(HashAlgorithm bank) {
    Map<String, Object> values = new TreeMap<>();
    for (String register : REGISTERS) {
      values.put(register.substring("pcr".length()), tools.get(register).get(bank.bank()));
    }
    return values;
  }

  /**
   * As systemd-pcrlock reads its own log: a record is 0x1E, JSON, 0x0A; {@code pcr} is 0 to 23;
   * every digest has a name and hexadecimal digits; and all of them are extended.
   */
  @Test
  void whenTheSequenceIsReadAsSystemdPcrlockDoes_thenItGivesWhatTpm2ToolsRead() throws Exception {
    Map<String, byte[]> extended = new TreeMap<>();
    int records = 0;
    for (String text : new String(sequence, UTF_8).split("\u001e", -1)) {
      if (text.isEmpty()) {
        continue; // before the first
      }
      assertThat(text).endsWith("\n");
      Map<String, Object> record = Json.parseObject(text.getBytes(UTF_8));
      assertThat(record.get("pcr")).isIn(8L, 14L);
      for (Object each : (List<?>) record.getOrDefault("digests", List.of())) {
        Map<String, Object> digest = Json.object(each);
        extend(extended, record.get("pcr") + " " + digest.get("hashAlg"), digest.get("digest"));
      }
      records++;
    }
    assertThat(records).isEqualTo((int) audit.endPosition());
    for (HashAlgorithm bank : Swtpm.BANKS) {
      Map<String, Object> values = new TreeMap<>();
      for (String pcr : List.of("8", "14")) {
        byte[] value = extended.getOrDefault(pcr + " " + bank.bank(), new byte[0]);
        values.put(pcr, HexFormat.of().formatHex(value));
      }
      assertThat(values).isEqualTo(ofOwned(bank));
    }
  }

  private static void extend(Map<String, byte[]> values, String key, Object digest)
      throws Exception {
    byte[] bytes = HexFormat.of().parseHex(String.valueOf(digest));
    MessageDigest hash =
        MessageDigest.getInstance("SHA-" + key.substring(key.indexOf("sha") + "sha".length()));
    hash.update(values.getOrDefault(key, new byte[bytes.length]));
    values.put(key, hash.digest(bytes));
  }
}
