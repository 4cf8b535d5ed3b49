package dev.cairn.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.measure.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A log of ten records, six committed; the last three are replaced by five others. */
class TailReplacementTest {
  private static final StoreOptions SMALL_SEGMENTS = StoreOptions.DEFAULT.withSegmentBytes(300);
  private static final int COMMITTED = 6;
  private static final int FROM = 7;
  private static final List<EventRecord> BEFORE = Logs.records(0, 10);
  private static final List<EventRecord> NEW =
      List.of(
          Logs.record(7, 40),
          Logs.record(8, 300),
          Logs.record(9, 1),
          Logs.record(10, 2),
          Logs.record(11, 0));
  private static final List<EventRecord> AFTER =
      Stream.concat(BEFORE.subList(0, FROM).stream(), NEW.stream()).toList();
  private static final List<KeyEntry> OLD_KEYS = List.of(key(2, 2), key(7, 7), key(9, 9));
  private static final List<KeyEntry> NEW_KEYS = List.of(key(8, 7), key(10, 9));

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private static KeyEntry key(long position, int name) {
    return new KeyEntry(position, 1, Bytes.filled(32, name), Bytes.filled(32, name + 100));
  }

  /** The log and its keys, open. */
  private static final class Opened implements AutoCloseable {
    final LogStore store;
    final EpochLog log;
    final KeyJournal keys;

    private Opened(LogStore store, EpochLog log) throws IOException {
      this.store = store;
      this.log = log;
      this.keys = log.openKeys(log.endPosition());
    }

    static Opened begin(Path state, Disk disk) throws IOException {
      LogStore store = LogStore.open(state, SMALL_SEGMENTS, disk);
      Opened opened = new Opened(store, store.begin(Logs.header()));
      opened.keys.append(OLD_KEYS);
      for (int i = 0; i < BEFORE.size(); i += 2) {
        opened.log.append(BEFORE.subList(i, i + 2));
      }
      opened.log.commit(COMMITTED);
      return opened;
    }

    static Opened again(Path state) throws IOException {
      LogStore store = LogStore.open(state, SMALL_SEGMENTS);
      try {
        EpochLog log = store.current().orElseThrow();
        log.cutTornTail();
        return new Opened(store, log);
      } catch (IOException e) {
        try (store) {
          throw e;
        }
      }
    }

    void replace() throws IOException {
      log.replaceTail(FROM, NEW, keys, NEW_KEYS);
    }

    void assertIs(List<EventRecord> records, String when) throws IOException {
      assertThat(Logs.readAll(log.readTail(0))).as(when).isEqualTo(records);
      assertThat(log.endPosition()).as(when).isEqualTo(records.size());
      List<KeyEntry> expected = records == AFTER ? NEW_KEYS : OLD_KEYS.subList(1, 3);
      assertThat(keys.from(FROM)).as(when).isEqualTo(expected);
      assertThat(keys.from(0).get(0)).as(when).isEqualTo(OLD_KEYS.get(0));
    }

    /** The records may be committed and the log goes on. */
    void assertUsable(String when) throws IOException {
      long end = log.endPosition();
      log.append(List.of(Logs.record(end)));
      log.commit(end + 1);
      assertThat(Logs.readAll(log.snapshot().read(0))).as(when).hasSize((int) end + 1);
    }

    @Override
    public void close() throws IOException {
      try (store;
          log;
          keys) {
        // in this order
      }
    }
  }

  @Nested
  class GivenAWorkingDisk {
    private Opened opened;

    @BeforeEach
    void open() throws IOException {
      Path state = directory.resolve("state");
      opened = Opened.begin(state, new NioDisk(state, Optional.empty()));
    }

    @AfterEach
    void close() throws IOException {
      opened.close();
    }

    @Test
    void whenReplaced_thenTheNewRecordsAndKeysAreThereAndNothingIsLeftOver() throws IOException {
      opened.replace();

      opened.assertIs(AFTER, "replaced");
      assertThat(Logs.readAll(opened.log.snapshot().read(0)))
          .isEqualTo(BEFORE.subList(0, COMMITTED));
      opened.assertUsable("replaced");
      try (Stream<Path> files = Files.walk(directory)) {
        assertThat(files.map(p -> p.getFileName().toString())).doesNotContain("tail", "tail.new");
      }
    }

    @Test
    void whenItBeginsBehindTheLastRecord_thenItIsAnAppend() throws IOException {
      opened.log.replaceTail(10, List.of(Logs.record(10)), opened.keys, List.of());

      assertThat(Logs.readAll(opened.log.readTail(0))).isEqualTo(Logs.records(0, 11));
    }

    @Test
    void whenACommittedRecordWouldGo_thenItIsRefused() {
      assertThatThrownBy(() -> opened.log.replaceTail(COMMITTED - 1, NEW, opened.keys, NEW_KEYS))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("needs 6 (committed) to 10");
    }
  }

  /** Copies the state before every call that changes the disk: what a crash there leaves. */
  private static final class Photographer implements Disk {
    private final Disk disk;
    private final Path state;
    private final Path album;
    private int photos = -1; // not yet

    Photographer(Path state, Path album) throws IOException {
      this.disk = new NioDisk(state, Optional.empty());
      this.state = state;
      this.album = album;
    }

    void begin() {
      photos = 0;
    }

    int photos() {
      return photos;
    }

    void take() throws IOException {
      if (photos < 0) {
        return;
      }
      Path copy = album.resolve(String.valueOf(photos++));
      try (Stream<Path> all = Files.walk(state)) {
        for (Path path : (Iterable<Path>) all::iterator) {
          Files.copy(path, copy.resolve(state.relativize(path)));
        }
      }
    }

    @Override
    public void createDirectory(Path path) throws IOException {
      take();
      disk.createDirectory(path);
    }

    @Override
    public WritableFile create(Path file) throws IOException {
      take();
      return new Observed(disk.create(file));
    }

    @Override
    public WritableFile open(Path file) throws IOException {
      return new Observed(disk.open(file));
    }

    @Override
    public void replace(Path from, Path to) throws IOException {
      take();
      disk.replace(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
      take();
      disk.delete(file);
    }

    @Override
    public void syncDirectory(Path path) throws IOException {
      take();
      disk.syncDirectory(path);
    }

    private final class Observed implements WritableFile {
      private final WritableFile file;

      Observed(WritableFile file) {
        this.file = file;
      }

      @Override
      public int write(ByteBuffer bytes, long offset) throws IOException {
        take();
        if (photos >= 0 && bytes.remaining() > 1) { // and torn, once
          int half = bytes.remaining() / 2;
          int taken = file.write(bytes.slice(bytes.position(), half), offset);
          bytes.position(bytes.position() + taken);
          return taken;
        }
        return file.write(bytes, offset);
      }

      @Override
      public void truncate(long length) throws IOException {
        take();
        file.truncate(length);
      }

      @Override
      public void sync() throws IOException {
        take();
        file.sync();
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    }
  }

  @Test
  void whenItCrashesAtAnyStep_thenTheLogIsAsBeforeOrAsAfter() throws IOException {
    Path state = directory.resolve("state");
    Path album = Files.createDirectory(directory.resolve("album"));
    Photographer disk = new Photographer(state, album);
    try (Opened opened = Opened.begin(state, disk)) {
      disk.begin();
      opened.replace();
      disk.take();
    }

    boolean decided = false;
    for (int i = 0; i < disk.photos(); i++) {
      String when = "crash before step " + i;
      try (Opened found = Opened.again(album.resolve(String.valueOf(i)))) {
        decided |= found.log.endPosition() == AFTER.size();
        found.assertIs(decided ? AFTER : BEFORE, when);
        found.assertUsable(when);
      }
    }
    assertThat(decided).isTrue();
    assertThat(disk.photos()).isGreaterThan(15);
  }

  @Test
  void whenTheCompletionCrashesToo_thenItIsCompletedTheNextTime() throws IOException {
    Path halfway = halfway();
    int k = 1;
    for (boolean used = true; used; k++) {
      Path state = directory.resolve("again-" + k);
      copy(halfway, state);
      FaultyDisk disk = new FaultyDisk(new NioDisk(state, Optional.empty()));
      try (LogStore store = LogStore.open(state, SMALL_SEGMENTS, disk)) {
        disk.failAt(k, FaultyDisk.Fault.IO_ERROR);
        try {
          assertThat(store.current()).isPresent();
        } catch (IOException e) {
          assertThat(e).hasMessageContaining("Input/output error");
        }
        used = disk.calls() >= k;
        disk.heal();
      }
      try (Opened found = Opened.again(state)) {
        found.assertIs(AFTER, "failure at call " + k);
      }
    }
    assertThat(k).isGreaterThan(8);
  }

  /** Returns the state in the middle of a change that is decided. */
  private Path halfway() throws IOException {
    Path album = Files.createDirectory(directory.resolve("album"));
    Photographer disk = new Photographer(directory.resolve("state"), album);
    try (Opened opened = Opened.begin(directory.resolve("state"), disk)) {
      disk.begin();
      opened.replace();
    }
    List<Path> decided = new ArrayList<>();
    for (int i = 0; i < disk.photos(); i++) {
      Path photo = album.resolve(String.valueOf(i));
      try (Stream<Path> files = Files.walk(photo)) {
        if (files.anyMatch(path -> path.endsWith("tail"))) {
          decided.add(photo);
        }
      }
    }
    return decided.get(decided.size() / 2);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        Files.copy(path, to.resolve(from.relativize(path)));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(FaultyDisk.Fault.class)
  void whenAnyCallFails_thenItSaysWhetherTheLogIsAsBeforeAndNothingIsLost(FaultyDisk.Fault fault)
      throws IOException {
    int k = 1;
    for (boolean used = true; used; k++) {
      Path state = directory.resolve("state-" + k);
      FaultyDisk disk = new FaultyDisk(new NioDisk(state, Optional.empty()));
      String when = "%s at call %d".formatted(fault, k);
      boolean asBefore = false;
      try (Opened opened = Opened.begin(state, disk)) {
        disk.failAt(k, fault);
        try {
          opened.replace();
        } catch (StorageException e) {
          asBefore = e.recovered();
          if (asBefore) {
            disk.heal();
            opened.assertIs(BEFORE, when);
          } else {
            assertThatThrownBy(() -> opened.log.append(Logs.records(0, 1)))
                .as(when)
                .isInstanceOf(StorageException.class);
          }
        }
        used = disk.calls() >= k;
        disk.heal();
      }
      try (Opened found = Opened.again(state)) {
        boolean isBefore = found.log.endPosition() == BEFORE.size();
        assertThat(isBefore || !asBefore).as(when).isTrue();
        found.assertIs(isBefore ? BEFORE : AFTER, when);
      }
    }
    assertThat(k).isGreaterThan(12);
  }

  @Nested
  class GivenADamagedFile {
    @Test
    void whenAnyByteIsOther_thenItRefusesAndNamesTheFile() throws IOException {
      Path halfway = halfway();
      Path file;
      try (Stream<Path> files = Files.walk(halfway)) {
        file = files.filter(p -> p.endsWith("tail")).findFirst().orElseThrow();
      }
      byte[] whole = Files.readAllBytes(file);
      for (int i = 0; i < whole.length; i += 7) {
        byte[] damaged = whole.clone();
        damaged[i] ^= 1;
        Files.write(file, damaged);
        assertThatThrownBy(() -> Opened.again(halfway))
            .hasMessageContaining(file.toString())
            .hasMessageContaining("restore it from a copy");
      }
    }
  }
}
