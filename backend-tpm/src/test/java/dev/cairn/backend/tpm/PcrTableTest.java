package dev.cairn.backend.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.backend.tpm.command.PcrAttributes;
import dev.cairn.backend.tpm.command.PcrSelection;
import dev.cairn.backend.tpm.command.PcrSelection.Bank;
import dev.cairn.measure.RegisterId;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Tables that libtpms does not have. */
class PcrTableTest {
  private static final int EXTEND_L0 = 0x01;
  private static final SortedSet<RegisterId> PCR14 = new TreeSet<>(List.of(RegisterId.pcr(14)));

  private static PcrTable table(Map<Integer, Integer> attributes, Bank... banks) {
    return new PcrTable(
        new PcrSelection(List.of(banks)), new PcrAttributes(new TreeMap<>(attributes)));
  }

  @Test
  void given_an_active_bank_that_cannot_be_computed_when_opened_then_refused() {
    PcrTable table =
        table(Map.of(EXTEND_L0, 0xFFFFFF), new Bank(0x000B, 0xFFFFFF), new Bank(0x1234, 1));

    assertThatThrownBy(() -> table.registers(PCR14, false))
        .hasMessageContaining("active bank of algorithm 0x1234")
        .hasMessageContaining("tpm2_pcrallocate");
  }

  @Test
  void given_an_unknown_bank_that_is_not_allocated_when_opened_then_nothing_is_wrong()
      throws Exception {
    PcrTable table =
        table(Map.of(EXTEND_L0, 0xFFFFFF), new Bank(0x000B, 0xFFFFFF), new Bank(0x1234, 0));

    assertThat(table.registers(PCR14, false)).hasSize(24);
  }

  @Test
  void given_no_attribute_at_all_when_opened_then_nothing_can_be_extended() {
    assertThatThrownBy(() -> table(Map.of(), new Bank(0x000B, 0xFFFFFF)).registers(PCR14, false))
        .hasMessageContaining("pcr14: locality 0, which user space has, cannot extend it");
  }

  @Test
  void given_32_PCRs_when_listed_then_all() throws Exception {
    PcrTable table = table(Map.of(EXTEND_L0, -1), new Bank(0x000C, -1));

    assertThat(table.registers(new TreeSet<>(List.of(RegisterId.pcr(31))), false)).hasSize(32);
  }
}
