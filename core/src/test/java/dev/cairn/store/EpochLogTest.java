package dev.cairn.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpochLogTest {
  /** Five records fill a segment. */
  static final StoreOptions SMALL_SEGMENTS = StoreOptions.DEFAULT.withSegmentBytes(600);

  @TempDir Path directory;
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

  /** Opens again what is on disk. */
  void reopen() throws Exception {
    store.close();
    store = LogStore.open(directory.resolve("state"), SMALL_SEGMENTS);
    log = store.current().orElseThrow();
  }

  @Nested
  class GivenRecordsOverSeveralSegments {
    @BeforeEach
    void append() throws Exception {
      for (int i = 0; i < 30; i += 3) {
        log.append(Logs.records(i, i + 3));
        log.commit(i + 3);
      }
    }

    @Test
    void whenReading_thenTheyAreThereInOrder() throws Exception {
      try (StoreSnapshot snapshot = log.snapshot()) {
        assertThat(Logs.readAll(snapshot.read(0))).isEqualTo(Logs.records(0, 30));
        assertThat(Logs.readAll(snapshot.read(17))).isEqualTo(Logs.records(17, 30));
      }
    }

    @Test
    void whenOpenedAgain_thenAllOfThemAreConfirmed() throws Exception {
      reopen();

      assertThat(log.confirmedPosition()).isEqualTo(30);
      assertThat(Logs.readAll(log.readTail(0))).isEqualTo(Logs.records(0, 30));
    }
  }
}
