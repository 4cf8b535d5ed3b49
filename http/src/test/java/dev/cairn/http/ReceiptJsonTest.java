package dev.cairn.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.Preview;
import dev.cairn.service.Receipt;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReceiptJsonTest {
  private static final DigestSet ONES =
      DigestSet.filled(List.of(HashAlgorithm.SHA1, HashAlgorithm.SHA256), 0x1F);

  @Test
  void aReceiptHasAllItsFacts() {
    Receipt receipt =
        new Receipt(RegisterId.pcr(16), 0, Long.MAX_VALUE, ONES, ONES, "epoch-1", false);
    String digests =
        "{\"sha1\":\"%s\",\"sha256\":\"%s\"}".formatted("1f".repeat(20), "1f".repeat(32));

    assertThat(new ReceiptJson().of(receipt).toString())
        .isEqualTo(
            "{\"register\":\"pcr16\",\"recnum\":0,\"position\":9223372036854775807,\"digests\":"
                + digests
                + ",\"value\":"
                + digests
                + ",\"epoch\":\"epoch-1\",\"repeated\":false}");
  }

  @Test
  void eightBanksFit() {
    DigestSet all = DigestSet.filled(List.of(HashAlgorithm.values()), 0xA0);

    assertThat(new ReceiptJson().of(new Preview(RegisterId.pcr(0), 10, all, all, "e")).toString())
        .contains("\"recnum\":10,")
        .contains("\"sha3_512\":\"" + "a0".repeat(64) + "\"}")
        .endsWith("\"dry_run\":true}");
  }

  @Test
  void oneWriterWritesManyReceipts() {
    ReceiptJson writer = new ReceiptJson();
    Receipt receipt = new Receipt(RegisterId.rtmr(2), 7, 9, ONES, ONES, "e", true);

    assertThat(writer.of(receipt)).isEqualTo(writer.of(receipt));
  }
}
