package dev.cairn.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.measure.Bytes;
import dev.cairn.store.FaultyDisk.Call;
import dev.cairn.store.FaultyDisk.Fault;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StorageFaultTest {
  private static final StoreOptions SMALL_SEGMENTS = StoreOptions.DEFAULT.withSegmentBytes(600);
  private static final int BATCHES = 12;
  private static final int BATCH = 3;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  /** What a run of batches came to. */
  private record Outcome(
      List<EventRecord> acknowledged, boolean isFinal, int refused, boolean faultUsed) {}

  @ParameterizedTest
  @CsvSource({
    "NO_SPACE, 1",
    "NO_SPACE, 2",
    "NO_SPACE, 5",
    "IO_ERROR, 1",
    "IO_ERROR, 2",
    "IO_ERROR, 5",
    "SHORT, 1",
    "SHORT, 2"
  })
  void whenAnyCallFails_thenWhatIsOnDiskIsWhatWasAcknowledged(Fault fault, int failing)
      throws Exception {
    int k = 1;
    for (boolean used = true; used; k++) {
      Path state = directory.resolve("state-" + k);
      Outcome outcome = run(state, k, failing, fault);
      used = outcome.faultUsed();

      List<EventRecord> onDisk = readBack(state);
      String what = "%s at call %d, %d times".formatted(fault, k, failing);
      if (outcome.isFinal()) { // the batch whose sync failed may be there, wholly
        assertThat(onDisk).as(what).hasSizeLessThanOrEqualTo(outcome.acknowledged().size() + BATCH);
        assertThat(onDisk.subList(0, outcome.acknowledged().size()))
            .as(what)
            .isEqualTo(outcome.acknowledged());
      } else {
        assertThat(onDisk).as(what).isEqualTo(outcome.acknowledged());
        assertThat(outcome.refused()).as(what).isLessThanOrEqualTo(failing);
      }
    }
    assertThat(k).isGreaterThan(3 * BATCHES); // at least write, sync, index write of each batch
  }

  private static Outcome run(Path state, int k, int failing, Fault fault) throws Exception {
    FaultyDisk disk = new FaultyDisk(new NioDisk(state, Optional.empty()));
    List<EventRecord> acknowledged = new ArrayList<>();
    boolean isFinal = false;
    int refused = 0;
    try (LogStore store = LogStore.open(state, SMALL_SEGMENTS, disk)) {
      EpochLog log = store.begin(Logs.header());
      disk.failFrom(k, failing, fault, Call.values());
      for (int i = 0; i < BATCHES; i++) {
        List<EventRecord> batch = Logs.records(acknowledged.size(), acknowledged.size() + BATCH);
        try {
          log.append(batch);
          acknowledged.addAll(batch);
          log.commit(acknowledged.size());
          log.checkpoint(acknowledged.size(), Bytes.filled(9, i));
        } catch (StorageException e) {
          refused++;
          assertThat(isFinal && e.recovered()).as("works again after a final failure").isFalse();
          isFinal |= !e.recovered();
        }
        assertThat(Logs.readAll(log.snapshot().read(0))).isEqualTo(acknowledged);
      }
      boolean used = disk.calls() >= k;
      disk.heal();
      return new Outcome(acknowledged, isFinal, refused, used);
    }
  }

  private static List<EventRecord> readBack(Path state) throws Exception {
    try (LogStore store = LogStore.open(state, SMALL_SEGMENTS)) {
      EpochLog log = store.current().orElseThrow();
      log.cutTornTail();
      return Logs.readAll(log.readTail(0));
    }
  }

  @Nested
  class GivenALogOnAFailingDisk {
    FaultyDisk disk;
    LogStore store;
    EpochLog log;

    @BeforeEach
    void append() throws Exception {
      Path state = directory.resolve("state");
      disk = new FaultyDisk(new NioDisk(state, Optional.empty()));
      store = LogStore.open(state, SMALL_SEGMENTS, disk);
      log = store.begin(Logs.header());
      log.append(Logs.records(0, 2));
      log.commit(2);
    }

    @AfterEach
    void close() throws Exception {
      store.close();
    }

    @Test
    void whenThereIsNoSpace_thenItSaysSoAndGoesOnOnceThereIs() throws Exception {
      disk.failAt(1, Fault.SHORT, Call.WRITE);

      assertThatThrownBy(() -> log.append(Logs.records(2, 4)))
          .isInstanceOfSatisfying(
              StorageFullException.class, e -> assertThat(e.recovered()).isTrue())
          .hasMessageContaining("nothing of it is left; make space");
      log.append(Logs.records(2, 4));
      assertThat(Logs.readAll(log.readTail(0))).isEqualTo(Logs.records(0, 4));
    }

    @Test
    void whenAWriteFails_thenItIsCutBackAndGoesOn() throws Exception {
      disk.failAt(1, Fault.IO_ERROR, Call.WRITE);

      assertThatThrownBy(() -> log.append(Logs.records(2, 4)))
          .isExactlyInstanceOf(StorageException.class)
          .hasMessageContaining("Input/output error");
      log.append(Logs.records(2, 4));
      assertThat(Logs.readAll(log.readTail(0))).isEqualTo(Logs.records(0, 4));
    }

    @Test
    void whenASyncFails_thenNothingIsEverWrittenAgain() throws Exception {
      disk.failAt(1, Fault.IO_ERROR, Call.SYNC);

      assertFinal(() -> log.append(Logs.records(2, 4)));
      assertFinal(() -> log.append(Logs.records(2, 4)));
      assertFinal(() -> log.truncate(2));
    }

    @Test
    void whenTheCutAfterAFailedWriteFails_thenNothingIsEverWrittenAgain() throws Exception {
      disk.failFrom(1, 2, Fault.IO_ERROR, Call.WRITE, Call.TRUNCATE);

      assertFinal(() -> log.append(Logs.records(2, 4)));
      assertFinal(() -> log.append(Logs.records(2, 4)));
    }

    @Test
    void whenTheCutCannotBeMadeDurable_thenNothingIsEverWrittenAgain() throws Exception {
      log.append(Logs.records(2, 4));
      disk.failAt(1, Fault.IO_ERROR, Call.SYNC);

      assertFinal(() -> log.truncate(3));
      assertFinal(() -> log.append(Logs.records(3, 4)));
    }

    @Test
    void whenTheIndexCannotBeWritten_thenReadingWorksAndTheIndexCatchesUp() throws Exception {
      long position = 2;
      for (; position < 10; position += 2) {
        log.append(Logs.records(position, position + 2));
        disk.failFrom(1, 10, Fault.NO_SPACE, Call.WRITE, Call.CREATE);
        log.commit(position + 2);
        disk.heal();
      }
      assertThat(Logs.readAll(log.snapshot().read(3))).isEqualTo(Logs.records(3, 10));
      assertThat(log.snapshot().offsetOf(7)).isEqualTo(7L * Logs.RECORD_BYTES);
      for (; position < 1100; position += 2) { // it is not tried again at once
        log.append(Logs.records(position, position + 2));
        log.commit(position + 2);
      }
      store.close();
      try (LogStore again = LogStore.open(directory.resolve("state"), SMALL_SEGMENTS)) {
        assertThat(again.current().orElseThrow().confirmedPosition()).isEqualTo(1100);
      }
    }

    @Test
    void whenTheHeaderCannotBeWritten_thenTheOldOneStays() throws Exception {
      for (int k = 1; k <= 6; k++) {
        disk.failAt(k, Fault.NO_SPACE);
        EpochHeader other =
            new EpochHeader("tpm", Logs.header().life(), Logs.header().created(), Map.of());
        assertThatThrownBy(() -> log.updateHeader(other)).isInstanceOf(StorageException.class);
        assertThat(log.header()).isEqualTo(Logs.header());
        disk.heal();
      }
    }

    private void assertFinal(ThrowingCallable call) {
      assertThatThrownBy(call)
          .isInstanceOfSatisfying(StorageException.class, e -> assertThat(e.recovered()).isFalse());
    }
  }
}
