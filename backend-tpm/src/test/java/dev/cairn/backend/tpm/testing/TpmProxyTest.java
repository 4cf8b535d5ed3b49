package dev.cairn.backend.tpm.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TpmProxyTest {
  private static final int EXTEND = 0x182;
  private static final List<HashAlgorithm> BANKS = List.of(HashAlgorithm.SHA256);
  private static final DigestSet RESET = DigestSet.filled(BANKS, 0);
  private static final DigestSet ONE = new Hasher().hash(BANKS, Bytes.filled(1, 1));

  private Swtpm swtpm;
  private TpmProxy proxy;

  @BeforeEach
  void start() throws Exception {
    swtpm = Swtpm.start();
    proxy = TpmProxy.inFrontOf(swtpm);
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    swtpm.close();
  }

  @Test
  void given_several_clients_when_they_extend_in_turns_then_all_are_served() throws Exception {
    try (RawTpm first = proxy.connect();
        RawTpm second = proxy.connect()) {
      first.extend(14, ONE);
      second.extend(14, ONE);
      assertThat(proxy.run("tpm2_pcrextend", "14:sha256=" + ONE.at(0).value().toHex())).isEmpty();

      assertThat(first.read(14, BANKS)).isEqualTo(after(ONE, ONE, ONE));
      assertThat(proxy.run("tpm2_pcrread", "sha256:14"))
          .containsIgnoringCase(after(ONE, ONE, ONE).at(0).value().toHex());
    }
  }

  @Test
  void given_a_reply_to_lose_when_extending_then_executed_and_the_connection_closed()
      throws Exception {
    proxy.plan(faults -> faults.on(EXTEND, Fault.replyLost()));
    assertClosedOnExtend();
    assertHolds(after(ONE));
  }

  @Test
  void given_a_command_to_lose_when_extending_then_not_executed() throws Exception {
    proxy.plan(faults -> faults.on(EXTEND, Fault.commandLost()));
    assertClosedOnExtend();
    assertHolds(RESET);
  }

  @Test
  void given_a_reply_to_truncate_when_extending_then_the_rest_never_comes() throws Exception {
    proxy.plan(faults -> faults.on(EXTEND, Fault.truncated(12)));
    assertClosedOnExtend();
    assertHolds(after(ONE));
  }

  @Test
  void given_an_answer_when_extending_every_third_time_then_that_and_not_executed()
      throws Exception {
    proxy.plan(faults -> faults.onEvery(3, EXTEND, 2, Fault.answer(0x922)));
    int refused = 0;
    try (RawTpm client = proxy.connect()) {
      for (int i = 0; i < 6; i++) {
        ByteBuffer answer = client.send(RawTpm.extendCommand(14, ONE));
        refused += RawTpm.code(answer) == 0x922 ? 1 : 0;
      }
    }
    assertThat(refused).isEqualTo(2);
    assertHolds(after(ONE, ONE, ONE, ONE));
  }

  @Test
  void given_others_when_extending_then_they_come_where_they_should() throws Exception {
    DigestSet foreign = new Hasher().hash(BANKS, Bytes.filled(1, 2));
    proxy.plan(
        faults ->
            faults
                .on(EXTEND, Fault.afterOthers(RawTpm.extendCommand(14, foreign)))
                .on(EXTEND, Fault.beforeAnother(RawTpm.extendCommand(14, foreign))));
    try (RawTpm client = proxy.connect()) {
      client.extend(14, ONE);
      client.extend(14, ONE);
    }
    assertHolds(after(foreign, ONE, ONE, foreign));
  }

  @Test
  void given_an_incident_when_extending_then_the_tpm_has_lost_its_registers() throws Exception {
    try (RawTpm client = proxy.connect()) {
      client.extend(14, ONE);
      proxy.plan(faults -> faults.on(EXTEND, Fault.afterIncident(swtpm::init)));
      assertThat(RawTpm.code(client.send(RawTpm.extendCommand(14, ONE)))).isEqualTo(0x100);
      client.startup(RawTpm.CLEAR);
    }
    assertHolds(RESET);
  }

  @Test
  void given_a_fault_that_does_not_happen_when_closed_then_the_test_fails() throws Exception {
    TpmProxy unused = TpmProxy.inFrontOf(swtpm);
    unused.plan(faults -> faults.on(EXTEND, Fault.replyLost()));
    assertThatThrownBy(unused::close)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("did not happen");
  }

  private void assertClosedOnExtend() throws Exception {
    try (RawTpm client = proxy.connect()) {
      assertThatThrownBy(() -> client.extend(14, ONE)).isInstanceOf(EOFException.class);
    }
  }

  private void assertHolds(DigestSet value) throws Exception {
    try (RawTpm client = proxy.connect()) {
      assertThat(client.read(14, BANKS)).isEqualTo(value);
    }
  }

  private static DigestSet after(DigestSet... extended) {
    Digest value = RESET.at(0);
    for (DigestSet digest : extended) {
      value = new Hasher().extend(value, digest.at(0));
    }
    return DigestSet.of(value);
  }
}
