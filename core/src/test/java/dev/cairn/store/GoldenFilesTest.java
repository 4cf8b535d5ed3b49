package dev.cairn.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One record of RTMR 2 with event data deadbeef and a digest of zeros; checksums made elsewhere.
 */
class GoldenFilesTest {
  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  Path epoch;

  @BeforeEach
  void write() throws Exception {
    try (LogStore store = LogStore.open(directory.resolve("state"), StoreOptions.DEFAULT)) {
      EpochLog log = store.begin(Logs.header());
      epoch = directory.resolve("state/epochs").resolve(log.id());
      log.append(
          List.of(
              new EventRecord(
                  0,
                  RegisterId.rtmr(2),
                  DigestSet.filled(List.of(HashAlgorithm.SHA384), 0),
                  new PcClientEvent(EventTypes.EV_EVENT_TAG, Bytes.fromHex("deadbeef")))));
      log.commit(1);
      log.checkpoint(1, Bytes.fromHex("616263"));
    }
  }

  private String hex(String suffix) throws Exception {
    return Bytes.owning(Files.readAllBytes(epoch.resolve("0".repeat(20) + suffix))).toHex();
  }

  @Test
  void whenLookingAtTheSegment_thenItIsPlainCelTlv() throws Exception {
    assertThat(hex(".cel"))
        .isEqualTo(
            "00"
                + "00000008"
                + "0000000000000000" // recnum 0
                + ("6c" + "00000001" + "03") // CC measurement register 3: RTMR 2
                + ("03" + "00000035") // digests, 53 bytes
                + ("0c" + "00000030" + "00".repeat(48)) // SHA-384
                + ("05" + "00000012") // pcclient_std, 18 bytes
                + ("00" + "00000004" + "00000006") // EV_EVENT_TAG
                + ("01" + "00000004" + "deadbeef")); // event data
  }

  @Test
  void whenLookingAtTheIndex_thenItIsAsTheTableSays() throws Exception {
    assertThat(hex(".idx"))
        .isEqualTo(
            "434149524e494458" // "CAIRNIDX"
                + "00000001" // version
                + "00000020" // size of an entry
                + "0000000000000000" // position of the first record
                + "00000000" // zero
                + "94bdd1eb" // CRC-32C of the head
                + "0000000000000000" // offset
                + "00000064" // length
                + "1a637962" // CRC-32C of the record
                + "6c" // register: CC measurement register
                + "f11029" // check
                + "00000003" // register: index
                + "0000000000000000"); // recnum
  }

  @Test
  void whenLookingAtTheCheckpoint_thenItIsAsTheTableSays() throws Exception {
    assertThat(hex(".ckp"))
        .isEqualTo(
            "0000000000000001" // covers one record
                + "00000003" // length of the payload
                + "2e3fbcc3" // CRC-32C of both and the payload
                + "616263");
  }
}
