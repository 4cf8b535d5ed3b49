package dev.cairn.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyJournalTest {
  static final int WINDOW = 8;
  static final int ENTRY_BYTES = 84;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  Path file;
  FaultyDisk disk;
  KeyJournal keys;

  @BeforeEach
  void open() throws Exception {
    file = directory.resolve("keys");
    disk = new FaultyDisk(new NioDisk(directory, Optional.empty()));
    keys = KeyJournal.open(disk, directory, WINDOW, 0);
  }

  @AfterEach
  void close() throws Exception {
    keys.close();
  }

  void reopen(long endPosition) throws IOException {
    keys.close();
    keys = KeyJournal.open(disk, directory, WINDOW, endPosition);
  }

  static KeyEntry entry(long position) {
    return new KeyEntry(position, 1000 + position, key(position), Bytes.filled(32, 7));
  }

  static Bytes key(long number) {
    return HashAlgorithm.SHA256
        .hash(Bytes.owning(ByteBuffer.allocate(8).putLong(number).array()))
        .value();
  }

  void append(long from, long to) throws StorageException {
    List<KeyEntry> entries = new ArrayList<>();
    for (long position = from; position < to; position++) {
      entries.add(entry(position));
    }
    keys.append(entries);
  }

  List<Long> remembered(long below) {
    return LongStream.range(0, below)
        .filter(position -> keys.find(key(position)).equals(Optional.of(entry(position))))
        .boxed()
        .toList();
  }

  void writeAt(long offset, byte... bytes) {
    try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
      channel.position(offset).write(ByteBuffer.wrap(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whenOneKeyIsWritten_thenTheFileIsAsTheTableSays() throws Exception {
    keys.append(List.of(new KeyEntry(3, 5, Bytes.filled(32, 0xAA), Bytes.filled(32, 0xBB))));

    assertThat(HexFormat.of().formatHex(Files.readAllBytes(file)))
        .isEqualTo(
            "434149524e4b4559" // "CAIRNKEY"
                + "00000001" // version
                + "00000054" // size of an entry
                + "0000000000000003" // position
                + "0000000000000005" // milliseconds
                + "aa".repeat(32) // hash of the key
                + "bb".repeat(32) // hash of the request
                + "4a3d8b8b"); // CRC-32C of the entry
  }

  @Nested
  class GivenSomeKeys {
    @BeforeEach
    void append() throws Exception {
      KeyJournalTest.this.append(0, 5);
    }

    @Test
    void whenAsked_thenEachIsFoundAndNoOther() {
      assertThat(remembered(20)).containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    @Test
    void whenOpenedAgain_thenTheyAreThere() throws Exception {
      reopen(5);

      assertThat(remembered(20)).containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    @Test
    void whenTheLogEndsBeforeSomeOfThem_thenThoseAreGoneForGood() throws Exception {
      reopen(3);
      reopen(100);

      assertThat(remembered(20)).containsExactly(0L, 1L, 2L);
    }

    @Test
    void whenRecordsAreCut_thenTheirKeysAreGoneForGood() throws Exception {
      keys.truncate(2);
      assertThat(remembered(20)).containsExactly(0L, 1L);
      KeyJournalTest.this.append(2, 4);
      reopen(100);

      assertThat(remembered(20)).containsExactly(0L, 1L, 2L, 3L);
    }

    @Test
    void whenAPositionDoesNotAscend_thenItIsRefused() {
      assertThatThrownBy(() -> keys.append(List.of(entry(4))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("key of record 4 after that of record 4");
    }

    @Test
    void whenTheLastEntryIsTornAtAnyByte_thenItIsCutAndTheOthersStay() throws Exception {
      byte[] whole = Files.readAllBytes(file);
      for (int length = whole.length - ENTRY_BYTES; length < whole.length; length++) {
        keys.close();
        Files.write(file, java.util.Arrays.copyOf(whole, length));
        keys = KeyJournal.open(disk, directory, WINDOW, 5);

        assertThat(remembered(20)).as("cut at %d", length).containsExactly(0L, 1L, 2L, 3L);
        assertThat(Files.size(file)).isEqualTo(whole.length - ENTRY_BYTES);
      }
    }

    @Test
    void whenAnEntryInTheMiddleIsDamaged_thenTheJournalIsRefused() {
      writeAt(16 + ENTRY_BYTES + 20, (byte) 0x55);

      assertThatThrownBy(() -> reopen(5))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("entry at byte 100 is damaged");
    }

    @Test
    void whenTheDamagedBatchWasNeverFinished_thenItIsCut() throws Exception {
      writeAt(16 + 3 * ENTRY_BYTES, new byte[ENTRY_BYTES]); // a hole, as after a power loss

      reopen(3);

      assertThat(remembered(20)).containsExactly(0L, 1L, 2L);
    }

    @Test
    void whenTheHeadIsAnothers_thenTheJournalIsRefused() {
      writeAt(8, (byte) 9);

      assertThatThrownBy(() -> reopen(5)).hasMessageContaining("key journal of version 1");
    }
  }

  @Nested
  class GivenMoreKeysThanAreRemembered {
    @Test
    void whenAsked_thenTheNewestAreFound() throws Exception {
      for (int i = 0; i < 3 * WINDOW; i++) {
        append(i, i + 1);
        assertThat(remembered(i + 1))
            .containsExactlyElementsOf(
                LongStream.rangeClosed(Math.max(0, i - WINDOW + 1), i).boxed().toList());
      }
    }

    @Test
    void whenTheFileHasTwoWindows_thenItIsMadeSmallerAndNothingElseChanges() throws Exception {
      for (int i = 0; i <= 2 * WINDOW; i++) {
        append(i, i + 1);
      }

      assertThat(Files.size(file)).isEqualTo(16 + WINDOW * ENTRY_BYTES);
      append(2 * WINDOW + 1, 2 * WINDOW + 3);
      reopen(100);
      assertThat(remembered(100)).containsExactly(11L, 12L, 13L, 14L, 15L, 16L, 17L, 18L);
      assertThat(directory.resolve("keys.new")).doesNotExist();
    }

    @Test
    void whenMakingItSmallerFails_thenKeysAreKeptAndItIsTriedAgain() throws Exception {
      append(0, 2 * WINDOW);
      disk.failAt(1, FaultyDisk.Fault.NO_SPACE, FaultyDisk.Call.CREATE);
      for (int i = 2 * WINDOW; i < 3 * WINDOW + 1; i++) {
        append(i, i + 1);
      }

      assertThat(Files.size(file)).isEqualTo(16 + WINDOW * ENTRY_BYTES);
      assertThat(remembered(100)).hasSize(WINDOW);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whenAKeyIsUsedAgain_thenTheNewestIsFoundAsLongAsItIsRemembered(int distance)
      throws Exception {
    Bytes key = key(1);
    keys.append(List.of(new KeyEntry(0, 0, key, Bytes.filled(32, 1))));
    keys.append(List.of(new KeyEntry(distance, 1, key, Bytes.filled(32, 2))));
    append(10, 10 + WINDOW - 1); // the first goes

    assertThat(keys.find(key)).map(KeyEntry::position).contains((long) distance);
  }
}
