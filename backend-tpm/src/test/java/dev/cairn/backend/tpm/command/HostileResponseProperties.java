package dev.cairn.backend.tpm.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tpm.transport.TpmTransport;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.testing.SeededTest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** Whatever a TPM answers: a value, or one TpmException, at once. */
class HostileResponseProperties {
  private static final List<HashAlgorithm> BANKS =
      List.of(HashAlgorithm.SHA1, HashAlgorithm.SHA256, HashAlgorithm.SHA384);
  private static final PcrSelection SOME = PcrSelection.of(BANKS, List.of(0, 7, 14, 23));
  private static final int RESPONSES_PER_CALL = 200; // more than any call can want

  private interface Call {
    Object run(Tpm tpm) throws TpmException;
  }

  private static final List<Call> CALLS =
      List.of(
          Tpm::allocation,
          Tpm::pcrAttributes,
          Tpm::properties,
          tpm -> tpm.handles(0x81000000),
          tpm -> tpm.read(14, BANKS),
          tpm -> tpm.read(SOME),
          Tpm::readClock,
          tpm -> tpm.quote(0x81010002, Bytes.EMPTY, SOME),
          tpm -> tpm.createPrimary(Hierarchy.OWNER, Bytes.EMPTY),
          tpm -> tpm.readPublic(0x81010002),
          tpm -> tpm.nvReadPublic(0x01c00002),
          tpm -> tpm.nvRead(0x01c00002),
          tpm -> tpm.random(64),
          Tpm::testResult,
          tpm -> {
            tpm.extend(14, DigestSet.filled(BANKS, 1));
            return "";
          });

  /** Real responses, whose parts random ones would never hit. */
  private static final List<String> REAL =
      List.of(
          "80010000002b00000000000000000500000004000403ffffff000b03ffffff000c03ffffff000d03ffffff",
          "80020000001300000000000000000000010000",
          "8001000000230000000000000000000000030000000000000003000000010000000001",
          "8001000000120000000001000000010000000181",
          "80010000003e000000000000001900000001000b030008000000000100209851312028952521510e8eaab5be94"
              + "e7dc24b5fc292b2e9781173cf11ffa9878",
          "80020000002500000000000000120010303132333435363738396162636465660000010000");

  @SeededTest
  void given_hostile_bytes_when_received_then_a_value_or_one_reason(long seed) {
    Random random = new Random(seed);
    for (Call call : CALLS) {
      RecordedTpm recorded = new RecordedTpm();
      for (int i = 0; i < RESPONSES_PER_CALL; i++) {
        recorded.reply(command -> hostile(random));
      }
      Tpm tpm = new Tpm(recorded, Duration.ofSeconds(1), Duration.ZERO);
      try {
        assertThat(call.run(tpm)).isNotNull();
        assertThat(recorded.open).isEqualTo(1);
      } catch (TpmException e) {
        assertThat(e).hasMessageStartingWith("TPM2_");
      }
    }
  }

  private static byte[] hostile(Random random) {
    ByteBuffer response = ByteBuffer.allocate(TpmTransport.MAX_BYTES);
    if (random.nextInt(3) == 0) {
      byte[] body = new byte[random.nextInt(120)];
      random.nextBytes(body);
      for (int i = 0; i < body.length; i++) {
        body[i] = random.nextInt(3) == 0 ? body[i] : (byte) random.nextInt(4);
      }
      response.putShort((short) (random.nextBoolean() ? 0x8001 : 0x8002)).putInt(0).putInt(0);
      response.put(body);
    } else {
      response.put(HexFormat.of().parseHex(REAL.get(random.nextInt(REAL.size()))));
      for (int flips = random.nextInt(4); flips > 0; flips--) {
        response.put(random.nextInt(response.position()), (byte) random.nextInt(256));
      }
      response.position(
          Math.max(0, Math.min(response.capacity(), response.position() + random.nextInt(9) - 4)));
    }
    if (response.position() >= 6 && random.nextInt(8) > 0) {
      response.putInt(2, response.position());
    }
    byte[] bytes = new byte[response.flip().remaining()];
    response.get(bytes);
    return bytes;
  }
}
