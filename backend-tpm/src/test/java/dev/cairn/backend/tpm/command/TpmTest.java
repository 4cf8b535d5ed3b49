package dev.cairn.backend.tpm.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.backend.tpm.transport.TpmAddress;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command on real swtpm; tpm2-tools prepare what Cairn only reads. */
class TpmTest {
  private static final List<HashAlgorithm> FOUR =
      List.of(HashAlgorithm.SHA1, HashAlgorithm.SHA256, HashAlgorithm.SHA384, HashAlgorithm.SHA512);
  private static final List<Integer> ALL = IntStream.range(0, 24).boxed().toList();
  private static final Bytes ECC =
      Bytes.fromHex("0023000b00050472000000100018000b0003001000000000");
  private static final String INDEX = "0x01800001";

  @TempDir Path folder;
  private Swtpm swtpm;
  private Tpm tpm;

  @BeforeEach
  void start() throws Exception {
    swtpm = Swtpm.start();
    tpm = new Tpm(TpmAddress.parse(swtpm.address()).connector(), Duration.ofSeconds(10));
  }

  @AfterEach
  void stop() throws Exception {
    tpm.close();
    swtpm.close();
  }

  @Test
  void given_96_values_when_read_then_all_at_one_moment_and_like_each_alone() throws Exception {
    for (int pcr : List.of(0, 7, 14, 15, 16)) {
      tpm.extend(pcr, DigestSet.filled(FOUR, pcr + 1));
    }

    PcrSnapshot snapshot = tpm.read(PcrSelection.of(FOUR, ALL));

    assertThat(snapshot.selection()).isEqualTo(PcrSelection.of(FOUR, ALL));
    assertThat(snapshot.values()).hasSize(24);
    for (int pcr : ALL) {
      assertThat(snapshot.values().get(pcr)).isEqualTo(tpm.read(pcr, FOUR));
    }
    assertThat(snapshot.updateCounter()).isEqualTo(20 + 4 * 4); // PCR 16 does not count
  }

  @Test
  void given_a_bank_that_is_not_allocated_when_read_then_it_drops_out_or_is_said()
      throws Exception {
    swtpm.run("tpm2_pcrallocate", "sha1:all+sha256:all+sha384:none+sha512:none");
    swtpm.reboot();

    PcrSnapshot snapshot = tpm.read(PcrSelection.of(FOUR, List.of(1, 2)));
    assertThat(snapshot.selection().contains(HashAlgorithm.SHA256, 2)).isTrue();
    assertThat(snapshot.selection().contains(HashAlgorithm.SHA384, 2)).isFalse();
    assertThat(snapshot.values().values())
        .hasSize(2)
        .allMatch(set -> set.banks().equals(FOUR.subList(0, 2)));

    TpmException refusal = catchThrowableOfType(TpmException.class, () -> tpm.read(14, FOUR));
    assertThat(refusal).hasMessageContaining("not every one of the banks");
    assertThat(tpm.readClock().resetCount()).isPositive(); // the connection is still good
  }

  @Test
  void given_a_bank_that_the_TPM_lacks_when_read_then_refused() {
    TpmException refusal =
        catchThrowableOfType(
            TpmException.class, () -> tpm.read(14, List.of(HashAlgorithm.SHA3_256)));
    assertThat(refusal).hasMessageContaining("TPM_RC_HASH (0x1c3, parameter 1)");
  }

  @Test
  void given_PCR_16_when_reset_then_zero_again_and_PCR_14_is_refused() throws Exception {
    tpm.extend(16, DigestSet.filled(FOUR, 1));
    tpm.reset(16);
    assertThat(tpm.read(16, FOUR)).isEqualTo(DigestSet.filled(FOUR, 0));

    TpmException refusal = catchThrowableOfType(TpmException.class, () -> tpm.reset(14));
    assertThat(refusal.is(ResponseCode.LOCALITY)).isTrue();
    assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
  }

  @Test
  void given_a_long_NV_index_when_read_then_piece_by_piece() throws Exception {
    byte[] content = new byte[2000];
    new Random(1).nextBytes(content);
    define("ownerwrite|ownerread", content);

    assertThat(tpm.nvRead(0x01800001)).contains(Bytes.copyOf(content));
    NvPublic area = tpm.nvReadPublic(0x01800001).orElseThrow();
    assertThat(area.dataBytes()).isEqualTo(2000);
    assertThat(area.written()).isTrue();
    assertThat(area.name().toHex()).startsWith("000b").hasSize(68);
  }

  @Test
  void given_an_NV_index_with_a_password_of_its_own_when_read_then_with_that() throws Exception {
    define("ownerwrite|authread", new byte[] {1, 2, 3});

    assertThat(tpm.nvRead(0x01800001)).contains(Bytes.fromHex("010203"));
  }

  @Test
  void given_an_NV_index_that_only_a_policy_opens_when_read_then_refused() throws Exception {
    define("ownerwrite|policyread", new byte[] {1, 2, 3});

    TpmException refusal = catchThrowableOfType(TpmException.class, () -> tpm.nvRead(0x01800001));
    assertThat(refusal).hasMessageContaining("index 0x01800001: attributes 0x");
  }

  @Test
  void given_no_such_NV_index_when_read_then_nothing() throws Exception {
    assertThat(tpm.nvReadPublic(0x01c00002)).isEmpty();
    assertThat(tpm.nvRead(0x01c00002)).isEmpty();
  }

  private void define(String attributes, byte[] content) throws Exception {
    Path file = Files.write(folder.resolve("content"), content);
    String size = Integer.toString(content.length);
    swtpm.run("tpm2_nvdefine", INDEX, "-C", "o", "-s", size, "-a", attributes);
    swtpm.run("tpm2_nvwrite", INDEX, "-C", "o", "-i", file.toString());
  }

  @Test
  void given_a_persistent_key_when_asked_then_it_is_listed_and_others_are_not_there()
      throws Exception {
    String context = folder.resolve("key").toString();
    swtpm.run("tpm2_createprimary", "-C", "e", "-c", context);
    swtpm.run("tpm2_evictcontrol", "-C", "o", "-c", context, "0x81010002");

    assertThat(tpm.handles(0x81000000)).containsExactly(0x81010002);
    assertThat(tpm.readPublic(0x81010002)).isPresent();
    assertThat(tpm.readPublic(0x81010003)).isEmpty();
    assertThat(tpm.readPublic(0x80000002)).isEmpty(); // transient, not loaded
  }

  @Test
  void given_a_template_when_a_key_is_made_then_it_quotes_until_it_is_flushed() throws Exception {
    Bytes nonce = Bytes.filled(32, 7);
    PcrSelection selection = PcrSelection.of(FOUR, List.of(14, 0));
    PrimaryKey key = tpm.createPrimary(Hierarchy.ENDORSEMENT, ECC);
    TpmPublic area = tpm.readPublic(key.handle()).orElseThrow();

    SignedAttest quote = tpm.quote(key.handle(), nonce, selection);

    assertThat(quote.attest().toHex())
        .startsWith("ff54434780180022" + area.qualifiedName().toHex() + "0020" + nonce.toHex());
    assertThat(quote.signature().toHex()).startsWith("0018000b0020");
    tpm.flush(key.handle());
    assertThat(tpm.readPublic(key.handle())).isEmpty();
    PrimaryKey again = tpm.createPrimary(Hierarchy.ENDORSEMENT, ECC);
    assertThat(again.name()).isEqualTo(key.name());
  }

  @Test
  void given_a_TPM_when_asked_for_random_bytes_then_so_many_and_never_the_same() throws Exception {
    assertThat(tpm.random(0).length()).isZero();
    Bytes random = tpm.random(100);
    assertThat(random.length()).isEqualTo(100);
    assertThat(tpm.random(100)).isNotEqualTo(random);
  }

  @Test
  void given_a_TPM_when_tested_then_the_result_is_success() throws Exception {
    assertThat(tpm.testResult().code()).isEqualTo(new ResponseCode(ResponseCode.SUCCESS));
  }
}
