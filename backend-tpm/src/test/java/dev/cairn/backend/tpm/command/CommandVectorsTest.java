package dev.cairn.backend.tpm.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.testing.Json;
import dev.cairn.testing.Vectors;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Exchanges with a real TPM: the same commands byte for byte, its responses understood. */
class CommandVectorsTest {
  private static final List<HashAlgorithm> SHA256 = List.of(HashAlgorithm.SHA256);
  private static final List<HashAlgorithm> FOUR =
      List.of(HashAlgorithm.SHA1, HashAlgorithm.SHA256, HashAlgorithm.SHA384, HashAlgorithm.SHA512);
  private static final Bytes HELLO = Bytes.copyOf("hello".getBytes(StandardCharsets.US_ASCII));
  private static final Bytes NONCE = Bytes.filled(32, 0x4e);
  private static final PcrSelection PCRS_11_12 = PcrSelection.of(SHA256, List.of(11, 12));
  private static final String ECC = "0023000b00050072000000100018000b0003001000000000";
  private static final String RSA = "0001000b00050072000000100014000b0800000000000000";

  private final List<Map<String, Object>> vectors = vectors();
  private final RecordedTpm recorded = new RecordedTpm();
  private final Tpm tpm = new Tpm(recorded, Duration.ofSeconds(1));
  private int vector;

  private static List<Map<String, Object>> vectors() {
    List<Map<String, Object>> vectors = new ArrayList<>();
    if (Json.parseObject(Vectors.bytes("tpm/commands.json")).get("vectors")
        instanceof List<?> all) {
      all.forEach(each -> vectors.add(Json.object(each)));
    }
    assertThat(vectors).hasSize(27);
    return vectors;
  }

  /** Lets the TPM answer as in vector {@code index}. */
  private void given(int index) {
    vector = index;
    recorded.reply(text(index, "response"));
  }

  private String text(int index, String key) {
    return String.valueOf(vectors.get(index).get(key));
  }

  private void assertSameCommand() {
    assertThat(recorded.lastCommand()).isEqualTo(text(vector, "command"));
  }

  private interface Call {
    Object run() throws TpmException;
  }

  private void assertRefused(Call call, int code, Outcome outcome) {
    TpmException refusal = catchThrowableOfType(TpmException.class, call::run);
    assertSameCommand();
    assertThat(refusal.code()).contains(new ResponseCode(code));
    assertThat(refusal.outcome()).isEqualTo(outcome);
  }

  private DigestSet hello(List<HashAlgorithm> banks) {
    return new Hasher().hash(banks, HELLO);
  }

  @Test
  void given_no_startup_when_read_then_unknown_because_the_PCRs_are_not_what_they_were() {
    given(0);
    assertRefused(() -> tpm.read(11, SHA256), ResponseCode.INITIALIZE, Outcome.UNKNOWN);
  }

  @Test
  void given_a_TPM_when_started_up_twice_then_the_second_is_refused() throws Exception {
    given(1);
    tpm.startupClear();
    assertSameCommand();
    given(2);
    assertRefused(
        () -> {
          tpm.startupClear();
          return "";
        },
        ResponseCode.INITIALIZE,
        Outcome.UNKNOWN);
  }

  @Test
  void given_four_banks_when_asked_then_all_24_PCRs_of_each() throws Exception {
    given(3);
    assertThat(tpm.allocation())
        .isEqualTo(PcrSelection.of(FOUR, IntStream.range(0, 24).boxed().toList()));
    assertSameCommand();
  }

  @Test
  void given_PCR_properties_when_asked_then_locality_and_reset_are_those_of_the_table()
      throws Exception {
    given(4);
    PcrAttributes attributes = tpm.pcrAttributes();
    assertSameCommand();
    assertThat(having(attributes, PcrAttribute.EXTENDABLE)).isEqualTo(0x81FFFF);
    assertThat(having(attributes, PcrAttribute.RESETTABLE)).isEqualTo(0x810000);
    assertThat(having(attributes, PcrAttribute.SAVED)).isEqualTo(0xFFFF);
    assertThat(having(attributes, PcrAttribute.DRTM)).isEqualTo(0x7E0000);
    assertThat(having(attributes, PcrAttribute.NOT_COUNTED)).isEqualTo(0xE10000);
  }

  private static int having(PcrAttributes attributes, PcrAttribute attribute) {
    return IntStream.range(0, 32)
        .filter(pcr -> attributes.has(pcr, attribute))
        .map(pcr -> 1 << pcr)
        .sum();
  }

  @Test
  void given_fixed_properties_when_asked_then_manufacturer_and_sizes() throws Exception {
    given(5);
    TpmProperties properties = tpm.properties();
    assertSameCommand();
    assertThat(properties.manufacturer()).isEqualTo("IBM");
    assertThat(properties.vendor()).isEqualTo("SW   TPM");
    assertThat(properties.revision()).hasValue(164);
    assertThat(properties.firmwareVersion()).isEqualTo(0x2019102300163636L);
    assertThat(properties.pcrCount()).hasValue(24);
    assertThat(properties.largestDigestBytes()).hasValue(64);
    assertThat(properties.nvBufferBytes()).isEqualTo(1024);
  }

  @Test
  void given_one_bank_when_extended_and_read_then_the_bytes_are_the_vector_s() throws Exception {
    given(6);
    tpm.extend(11, hello(SHA256));
    assertSameCommand();
    given(8);
    DigestSet zeros = DigestSet.filled(SHA256, 0);
    assertThat(tpm.read(11, SHA256)).isEqualTo(new Hasher().extend(zeros, hello(SHA256)));
    assertSameCommand();
  }

  @Test
  void given_four_banks_when_extended_and_read_then_the_bytes_are_the_vector_s() throws Exception {
    given(7);
    tpm.extend(12, hello(FOUR));
    assertSameCommand();
    given(9);
    DigestSet zeros = DigestSet.filled(FOUR, 0);
    assertThat(tpm.read(12, FOUR)).isEqualTo(new Hasher().extend(zeros, hello(FOUR)));
    assertSameCommand();
  }

  @Test
  void given_24_PCRs_when_read_then_eight_at_a_time() {
    given(10);
    recorded.error(ResponseCode.FAILURE);
    PcrSelection all = PcrSelection.of(SHA256, IntStream.range(0, 24).boxed().toList());
    assertThatThrownBy(() -> tpm.read(all)).isInstanceOf(TpmException.class);
    assertThat(recorded.commands)
        .containsExactly(text(10, "command"), "8001000000140000017e00000001000b0300ffff");
  }

  @Test
  void given_a_PCR_of_another_locality_when_extended_then_refused() {
    given(11);
    assertRefused(() -> extended(17, SHA256), ResponseCode.LOCALITY, Outcome.NOT_EXECUTED);
  }

  @Test
  void given_a_hash_that_the_TPM_lacks_when_extended_then_refused_with_the_place() {
    given(14);
    DigestSet sm3 = DigestSet.filled(List.of(HashAlgorithm.SM3_256), 1);
    TpmException refusal = catchThrowableOfType(TpmException.class, () -> tpm.extend(11, sm3));
    assertSameCommand();
    assertThat(refusal).hasMessage("TPM2_PCR_Extend: TPM_RC_HASH (0x1c3, parameter 1)");
    assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
  }

  private Object extended(int pcr, List<HashAlgorithm> banks) throws TpmException {
    tpm.extend(pcr, hello(banks));
    return pcr;
  }

  @Test
  void given_a_clock_when_read_then_the_counts() throws Exception {
    given(16);
    assertThat(tpm.readClock()).isEqualTo(new TpmClock(3, 3, 1, 0, true));
    assertSameCommand();
  }

  @Test
  void given_templates_when_keys_are_made_read_and_flushed_then_their_names_agree()
      throws Exception {
    made(17, ECC, 20, 21);
    made(22, RSA, 25, 26);
  }

  private void made(int create, String template, int read, int flush) throws Exception {
    given(create);
    PrimaryKey key = tpm.createPrimary(Hierarchy.ENDORSEMENT, Bytes.fromHex(template));
    assertSameCommand();
    assertThat(key.handle()).isEqualTo(0x80000000);
    given(read);
    TpmPublic area = tpm.readPublic(key.handle()).orElseThrow();
    assertSameCommand();
    assertThat(area.area()).isEqualTo(key.area());
    assertThat(area.name()).isEqualTo(key.name());
    assertThat(key.name().toHex())
        .isEqualTo("000b" + HashAlgorithm.SHA256.hash(key.area()).value().toHex());
    given(flush);
    tpm.flush(key.handle());
    assertSameCommand();
  }

  @Test
  void given_a_busy_TPM_when_quoted_then_the_same_bytes_are_sent_again() throws Exception {
    given(18);
    given(19);
    SignedAttest quote = tpm.quote(0x80000000, NONCE, PCRS_11_12);
    assertThat(recorded.commands).containsExactly(text(18, "command"), text(19, "command"));
    assertThat(quote.attest().toHex()).startsWith("ff5443478018").contains(NONCE.toHex());
    assertThat(quote.attest().length()).isEqualTo(145);
    assertThat(quote.signature().toHex()).startsWith("0018000b0020");
  }

  @Test
  void given_an_RSA_key_when_quoted_then_attest_and_signature() throws Exception {
    given(23);
    SignedAttest quote = tpm.quote(0x80000000, NONCE, PCRS_11_12);
    assertSameCommand();
    assertThat(quote.attest().length()).isEqualTo(145);
    assertThat(quote.signature().toHex()).startsWith("0014000b0100");
    assertThat(quote.signature().length()).isEqualTo(6 + 256);
  }
}
