package dev.cairn.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.measure.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EpochLogTest {
  /** Five records fill a segment. */
  static final StoreOptions SMALL_SEGMENTS = StoreOptions.DEFAULT.withSegmentBytes(600);

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  LogStore store;
  EpochLog log;

  @BeforeEach
  void open() throws Exception {
    store = LogStore.open(directory.resolve("state"), SMALL_SEGMENTS);
    log = store.begin(Logs.header());
  }

  @AfterEach
  void close() throws Exception {
    store.close();
  }

  void reopen() throws Exception {
    store.close();
    store = LogStore.open(directory.resolve("state"), SMALL_SEGMENTS);
    log = store.current().orElseThrow();
  }

  void appendAndCommit(long from, long to, int batch) throws Exception {
    for (long i = from; i < to; i += batch) {
      log.append(Logs.records(i, Math.min(to, i + batch)));
      log.commit(Math.min(to, i + batch));
    }
  }

  Path file(long position, String suffix) {
    return directory
        .resolve("state/epochs")
        .resolve(log.id())
        .resolve("%020d%s".formatted(position, suffix));
  }

  List<String> files(String suffix) throws IOException {
    try (Stream<Path> all = Files.list(file(0, "").getParent())) {
      return all.map(path -> path.getFileName().toString())
          .filter(name -> name.endsWith(suffix))
          .sorted()
          .toList();
    }
  }

  Map<String, Bytes> contents(String suffix) throws IOException {
    Map<String, Bytes> contents = new TreeMap<>();
    for (String name : files(suffix)) {
      contents.put(name, Bytes.owning(Files.readAllBytes(file(0, "").resolveSibling(name))));
    }
    return contents;
  }

  static void flip(Path file, long at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) at] ^= 0x10;
    Files.write(file, bytes);
  }

  @Nested
  class GivenAnEmptyLog {
    @Test
    void whenReading_thenThereIsNothing() throws Exception {
      try (StoreSnapshot snapshot = log.snapshot()) {
        assertThat(snapshot.endPosition()).isZero();
        assertThat(snapshot.offsetOf(0)).isZero();
        assertThat(snapshot.slices(0, 0)).isEmpty();
        assertThat(Logs.readAll(snapshot.read(0))).isEmpty();
      }
    }

    @Test
    void whenOpenedAgain_thenItIsEmpty() throws Exception {
      reopen();

      assertThat(log.endPosition()).isZero();
      assertThat(log.confirmedPosition()).isZero();
      assertThat(log.cutTornTail()).isEmpty();
    }
  }

  @Nested
  class GivenOneBatchThatIsNotCommitted {
    Append append;

    @BeforeEach
    void append() throws Exception {
      append = log.append(Logs.records(0, 3));
    }

    @Test
    void whenAsked_thenTheReceiptSaysWhereItLies() {
      assertThat(append).isEqualTo(new Append(0, 3, 0, 3L * Logs.RECORD_BYTES));
      assertThat(log.endPosition()).isEqualTo(3);
      assertThat(log.endOffset()).isEqualTo(3L * Logs.RECORD_BYTES);
    }

    @Test
    void whenReading_thenReadersDoNotSeeIt() throws Exception {
      try (StoreSnapshot snapshot = log.snapshot()) {
        assertThat(snapshot.endPosition()).isZero();
        assertThat(Logs.readAll(snapshot.read(0))).isEmpty();
      }
    }

    @Test
    void whenOpenedAgain_thenItIsTheTail() throws Exception {
      reopen();

      assertThat(log.confirmedPosition()).isZero();
      assertThat(log.endPosition()).isEqualTo(3);
      assertThat(Logs.readAll(log.readTail(0))).isEqualTo(Logs.records(0, 3));
    }

    @Test
    void whenCut_thenItIsGoneForGood() throws Exception {
      log.truncate(1);
      reopen();

      assertThat(Logs.readAll(log.readTail(0))).isEqualTo(Logs.records(0, 1));
    }

    @Test
    void whenMoreIsCommittedThanThereIs_thenItIsRefused() {
      assertThatThrownBy(() -> log.commit(4)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whenACommittedRecordIsCut_thenItIsRefused() throws Exception {
      log.commit(2);

      assertThatThrownBy(() -> log.truncate(1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("truncate to record 1: needs 2 (committed) to 3");
    }
  }

  @Nested
  class GivenRecordsOverSeveralSegments {
    @BeforeEach
    void append() throws Exception {
      appendAndCommit(0, 30, 3);
    }

    @Test
    void whenLookedAt_thenSegmentsAreNamedAfterTheirFirstRecordAndBatchesAreWhole()
        throws Exception {
      assertThat(files(".cel"))
          .hasSize(10)
          .startsWith("00000000000000000000.cel", "00000000000000000003.cel");
    }

    @Test
    void whenReading_thenTheyAreThereInOrder() throws Exception {
      try (StoreSnapshot snapshot = log.snapshot()) {
        for (int from = 0; from <= 30; from++) {
          assertThat(Logs.readAll(snapshot.read(from))).isEqualTo(Logs.records(from, 30));
        }
      }
    }

    @Test
    void whenAskedForOffsets_thenTheyRunOverAllSegments() throws Exception {
      try (StoreSnapshot snapshot = log.snapshot();
          EventReader reader = snapshot.read(7)) {
        for (int position = 0; position <= 30; position++) {
          assertThat(snapshot.offsetOf(position)).isEqualTo((long) position * Logs.RECORD_BYTES);
        }
        assertThat(reader.next()).isEqualTo(Logs.record(7));
        assertThat(reader.recordOffset()).isEqualTo(7L * Logs.RECORD_BYTES);
        assertThat(reader.endOffset()).isEqualTo(8L * Logs.RECORD_BYTES);
        assertThatThrownBy(() -> snapshot.offsetOf(31))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
    }

    @Test
    void whenSlicing_thenSlicesAreTheBytesOfTheFiles() throws Exception {
      byte[] whole = Logs.bytesOf(log.readTail(0));
      Random random = new Random(1);
      try (StoreSnapshot snapshot = log.snapshot()) {
        for (int i = 0; i < 100; i++) {
          int from = random.nextInt(whole.length + 1);
          int to = from + random.nextInt(whole.length - from + 1);
          assertThat(Logs.bytesOf(snapshot.slices(from, to)))
              .isEqualTo(Arrays.copyOfRange(whole, from, to));
        }
      }
    }

    @Test
    void whenOpenedAgain_thenAllOfThemAreConfirmedAndItGoesOn() throws Exception {
      reopen();

      assertThat(log.confirmedPosition()).isEqualTo(30);
      assertThat(log.endPosition()).isEqualTo(30);
      appendAndCommit(30, 33, 1);
      assertThat(Logs.readAll(log.snapshot().read(0))).isEqualTo(Logs.records(0, 33));
    }

    @Test
    void whenTheTailIsCutOverSegments_thenTheOnesBehindAreRemovedAndItGoesOn() throws Exception {
      for (int i = 30; i < 50; i += 4) {
        log.append(Logs.records(i, i + 4));
      }
      log.truncate(33);
      assertThat(files(".cel")).last().isEqualTo("00000000000000000030.cel");
      log.append(Logs.records(33, 34));
      log.commit(34);
      reopen();

      assertThat(log.confirmedPosition()).isEqualTo(34);
      assertThat(Logs.readAll(log.readTail(0))).isEqualTo(Logs.records(0, 34));
    }

    @Test
    void whenASegmentIsMissing_thenOpeningIsRefused() throws Exception {
      Files.delete(file(9, ".cel"));

      assertThatThrownBy(EpochLogTest.this::reopen).isInstanceOf(MalformedLogException.class);
    }

    @Test
    void whenTheFirstSegmentIsMissing_thenOpeningIsRefused() throws Exception {
      Files.delete(file(0, ".cel"));

      assertThatThrownBy(EpochLogTest.this::reopen)
          .isInstanceOf(MalformedLogException.class)
          .hasMessageContaining("first segment is missing");
    }

    @Test
    void whenAConfirmedRecordIsShort_thenOpeningIsRefused() throws Exception {
      byte[] bytes = Files.readAllBytes(file(27, ".cel"));
      Files.write(file(27, ".cel"), Arrays.copyOf(bytes, bytes.length - 1));

      assertThatThrownBy(EpochLogTest.this::reopen)
          .isInstanceOf(MalformedLogException.class)
          .hasMessageContaining("the file ends 1 bytes before the end of a confirmed record");
    }

    @Test
    void whenAnyBitOfARecordFlips_thenReadingEndsBeforeItAndSaysWhere() throws Exception {
      for (int at = 0; at < Logs.RECORD_BYTES; at++) {
        flip(file(12, ".cel"), Logs.RECORD_BYTES + at);
        try (StoreSnapshot snapshot = log.snapshot();
            EventReader reader = snapshot.read(11)) {
          assertThat(reader.next()).isEqualTo(Logs.record(11));
          assertThat(reader.next()).isEqualTo(Logs.record(12));
          for (int again = 0; again < 2; again++) {
            assertThatThrownBy(reader::next)
                .isInstanceOfSatisfying(
                    MalformedLogException.class,
                    e -> assertThat(e.offset()).isEqualTo(13L * Logs.RECORD_BYTES))
                .hasMessageContaining(
                    "00000000000000000012.cel byte %d: record 13", Logs.RECORD_BYTES);
          }
        }
        flip(file(12, ".cel"), Logs.RECORD_BYTES + at);
      }
    }
  }

  @Nested
  class GivenAnIndexThatIsNotAsItWas {
    Map<String, Bytes> before;

    @BeforeEach
    void append() throws Exception {
      appendAndCommit(0, 30, 3);
      before = contents(".idx");
      store.close();
    }

    /** Opens, confirms what the service would, and compares. */
    void assertRebuilt(long confirmed) throws Exception {
      reopen();
      assertThat(log.confirmedPosition()).isEqualTo(confirmed);
      assertThat(log.endPosition()).isEqualTo(30);
      log.commit(30);
      assertThat(Logs.readAll(log.snapshot().read(0))).isEqualTo(Logs.records(0, 30));
      store.close();
      assertThat(contents(".idx")).isEqualTo(before);
    }

    @Test
    void whenAllAreMissing_thenNothingIsConfirmedAndTheyAreBuiltAgain() throws Exception {
      for (String name : files(".idx")) {
        Files.delete(file(0, "").resolveSibling(name));
      }

      assertRebuilt(0);
    }

    @Test
    void whenOneOfASealedSegmentIsMissing_thenItIsBuiltAgainAtOnce() throws Exception {
      Files.delete(file(12, ".idx"));
      reopen();

      assertThat(file(12, ".idx")).exists();
      assertRebuilt(30);
    }

    @Test
    void whenTheLastIsMissing_thenItsRecordsAreNotConfirmed() throws Exception {
      Files.delete(file(27, ".idx"));

      assertRebuilt(27);
    }

    @Test
    void whenOneIsShortAtAnyByte_thenWhatIsWholeCounts() throws Exception {
      byte[] whole = Files.readAllBytes(file(27, ".idx"));
      for (int length = 0; length < whole.length; length++) {
        Files.write(file(27, ".idx"), Arrays.copyOf(whole, length));
        assertRebuilt(27 + Math.max(0, (length - 32) / 32));
      }
    }

    @Test
    void whenASealedOneIsShort_thenItIsBuiltAgain() throws Exception {
      byte[] whole = Files.readAllBytes(file(12, ".idx"));
      for (int length = 0; length < whole.length; length += 7) {
        Files.write(file(12, ".idx"), Arrays.copyOf(whole, length));
        assertRebuilt(30);
      }
    }

    @Test
    void whenAnyByteOfTheLastIsDamaged_thenWhatComesBeforeCounts() throws Exception {
      byte[] whole = Files.readAllBytes(file(27, ".idx"));
      for (int at = 0; at < whole.length; at++) {
        flip(file(27, ".idx"), at);
        assertRebuilt(27 + Math.max(0, (at - 32) / 32));
      }
    }

    @ParameterizedTest
    @ValueSource(longs = {12, 27})
    void whenGarbageOrZerosFollow_thenTheyDoNotCount(long segment) throws Exception {
      byte[] whole = Files.readAllBytes(file(segment, ".idx"));
      byte[] garbage = new byte[500];
      for (int seed = 0; seed < 5; seed++) {
        byte[] longer = Arrays.copyOf(whole, whole.length + garbage.length);
        System.arraycopy(garbage, 0, longer, whole.length, garbage.length);
        Files.write(file(segment, ".idx"), longer);
        reopen();
        assertThat(log.confirmedPosition()).isEqualTo(30);
        assertThat(Logs.readAll(log.snapshot().read(0))).isEqualTo(Logs.records(0, 30));
        store.close();
        new Random(seed).nextBytes(garbage); // zeros were first
      }
    }

    @Test
    void whenItGoesOnBehindGarbage_thenTheGarbageIsGone() throws Exception {
      byte[] whole = Files.readAllBytes(file(27, ".idx"));
      Files.write(file(27, ".idx"), Arrays.copyOf(whole, whole.length + 500));
      reopen();
      appendAndCommit(30, 31, 1);

      assertThat(file(27, ".idx")).hasSize(whole.length + 32L);
    }

    @Test
    void whenASealedOneIsDamagedInTheMiddle_thenReadingSaysWhatToDo() throws Exception {
      flip(file(12, ".idx"), 32 + 32 + 5);
      reopen();

      assertThatThrownBy(() -> Logs.readAll(log.snapshot().read(0)))
          .isInstanceOf(MalformedLogException.class)
          .hasMessageContaining("12.idx: entry of record 13 is damaged; delete that file");
      Files.delete(file(12, ".idx"));
      assertRebuilt(30);
    }

    @Test
    void whenASealedRecordIsDamagedToo_thenOpeningIsRefused() throws Exception {
      Files.delete(file(12, ".idx"));
      flip(file(12, ".cel"), Logs.RECORD_BYTES + 1); // length of the recnum

      assertThatThrownBy(EpochLogTest.this::reopen)
          .isInstanceOfSatisfying(
              MalformedLogException.class,
              e -> assertThat(e.offset()).isEqualTo(13L * Logs.RECORD_BYTES))
          .hasMessageContaining("00000000000000000012.cel byte");
    }
  }

  @Nested
  class GivenBytesBehindTheLastRecord {
    byte[] next;

    @BeforeEach
    void append() throws Exception {
      appendAndCommit(0, 4, 4);
      log.append(Logs.records(4, 5));
      next = Files.readAllBytes(file(0, ".cel"));
      store.close();
    }

    @Test
    void whenTheLastRecordIsTornAtAnyByte_thenItIsCutAndTheOthersStay() throws Exception {
      int keep = 4 * Logs.RECORD_BYTES;
      for (int length = keep + 1; length < next.length; length++) {
        Files.write(file(0, ".cel"), Arrays.copyOf(next, length));
        reopen();

        assertThatThrownBy(() -> log.append(Logs.records(4, 5)))
            .isInstanceOf(IllegalStateException.class);
        assertThat(Logs.readUntilDamage(log.readTail(0))).isEqualTo(Logs.records(0, 4));
        TornTail torn = log.cutTornTail().orElseThrow();
        assertThat(torn.offset()).isEqualTo(keep);
        assertThat(torn.bytes()).isEqualTo(length - keep);
        assertThat(Files.size(file(0, ".cel"))).isEqualTo(keep);
        assertThat(log.cutTornTail()).isEmpty();
        store.close();
      }
    }

    @Test
    void whenTheIndexIsMissingToo_thenTheTornRecordIsCutAllTheSame() throws Exception {
      Files.delete(file(0, ".idx"));
      Files.write(file(0, ".cel"), Arrays.copyOf(next, next.length - 1));
      reopen();

      assertThat(log.cutTornTail()).isPresent();
      assertThat(log.endPosition()).isEqualTo(4);
    }

    @Test
    void whenTheyCanBeDamageOfConfirmedRecords_thenTheyAreNotCut() throws Exception {
      Files.delete(file(0, ".idx"));
      flip(file(0, ".cel"), Logs.RECORD_BYTES + 1);
      reopen();

      assertThatThrownBy(log::cutTornTail)
          .isInstanceOf(MalformedLogException.class)
          .hasMessageContaining("but a whole record follows at byte %d", 2 * Logs.RECORD_BYTES);
      assertThat(Files.size(file(0, ".cel"))).isEqualTo(next.length);
    }

    @Test
    void whenTheRegisterSaysWhatWasConfirmed_thenTheyCanBeCut() throws Exception {
      Files.delete(file(0, ".idx"));
      flip(file(0, ".cel"), Logs.RECORD_BYTES + 1);
      reopen();

      log.truncate(1);

      assertThat(Logs.readAll(log.readTail(0))).isEqualTo(Logs.records(0, 1));
    }
  }

  @Nested
  class GivenCheckpoints {
    @BeforeEach
    void append() throws Exception {
      for (int i = 0; i < 30; i += 2) {
        appendAndCommit(i, i + 2, 2);
        log.checkpoint(i + 2, Bytes.filled(i, i));
      }
    }

    @Test
    void whenAsked_thenTheNewestThatCoversNoMoreIsGiven() throws Exception {
      reopen();
      for (long atMost = 0; atMost <= 30; atMost++) {
        assertThat(log.lastCheckpoint(atMost).map(Checkpoint::position).orElse(0L))
            .isEqualTo(atMost / 2 * 2);
        assertThat(log.snapshot().lastCheckpoint(atMost)).isEqualTo(log.lastCheckpoint(atMost));
      }
      assertThat(log.lastCheckpoint(20)).contains(new Checkpoint(20, Bytes.filled(18, 18)));
    }

    @Test
    void whenTheLastIsDamaged_thenTheOneBeforeIsGivenAndNewOnesAreAdded() throws Exception {
      String last = files(".ckp").get(files(".ckp").size() - 1);
      Path path = file(0, "").resolveSibling(last);
      flip(path, Files.size(path) - 1);
      reopen();

      assertThat(log.lastCheckpoint(30)).map(Checkpoint::position).contains(28L);
      log.checkpoint(29, Bytes.EMPTY);
      assertThat(log.lastCheckpoint(30)).contains(new Checkpoint(29, Bytes.EMPTY));
    }

    @Test
    void whenNoIndexConfirmsTheirRecords_thenTheyAreDropped() throws Exception {
      store.close();
      for (String name : files(".idx")) {
        Files.delete(file(0, "").resolveSibling(name));
      }
      reopen();

      assertThat(log.lastCheckpoint(30)).isEmpty();
    }

    @Test
    void whenTheirFilesAreDeleted_thenThereAreNone() throws Exception {
      store.close();
      for (String name : files(".ckp")) {
        Files.delete(file(0, "").resolveSibling(name));
      }
      reopen();

      assertThat(log.lastCheckpoint(30)).isEmpty();
    }
  }

  @Nested
  class GivenReadersWhileRecordsAreAppended {
    static final int RECORDS = 2000;

    @Test
    void whenASnapshotIsTaken_thenItIsAWholePrefixAndStaysSo() throws Exception {
      List<Throwable> failures = new ArrayList<>();
      Thread reader =
          new Thread(
              () -> {
                try {
                  readUntilTheEnd();
                } catch (Exception | AssertionError e) {
                  failures.add(e);
                }
              });
      reader.start();
      appendAndCommit(0, RECORDS, 3);
      reader.join();

      assertThat(failures).isEmpty();
    }

    private void readUntilTheEnd() throws Exception {
      long seen = 0;
      while (seen < RECORDS) {
        try (StoreSnapshot snapshot = log.snapshot()) {
          long end = snapshot.endPosition();
          assertThat(end).isGreaterThanOrEqualTo(seen);
          assertThat(Logs.readAll(snapshot.read(seen))).isEqualTo(Logs.records(seen, end));
          assertThat(Logs.bytesOf(snapshot.slices(0, snapshot.endOffset())))
              .hasSize(Math.toIntExact(end * Logs.RECORD_BYTES));
          seen = end;
        }
      }
    }
  }

  @Test
  void whenABatchIsLargerThanASegment_thenItHasOneOfItsOwn() throws Exception {
    appendAndCommit(0, 1, 1);
    appendAndCommit(1, 21, 20);
    appendAndCommit(21, 22, 1);

    assertThat(files(".cel"))
        .containsExactly(
            "00000000000000000000.cel", "00000000000000000001.cel", "00000000000000000021.cel");
  }

  @Test
  void whenARecordIsLargerThanAnyBuffer_thenItIsReadBack() throws Exception {
    log.append(List.of(Logs.record(0, 200_000), Logs.record(1)));
    log.commit(2);

    assertThat(Logs.readAll(log.snapshot().read(0)))
        .containsExactly(Logs.record(0, 200_000), Logs.record(1));
  }

  @Test
  void whenManySegmentsAreRead_thenFewFilesStayOpen() throws Exception {
    appendAndCommit(0, 500, 5);
    long before = openFiles();
    Logs.readAll(log.snapshot().read(0));

    assertThat(openFiles() - before).isLessThan(40);
  }

  static long openFiles() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }
}
