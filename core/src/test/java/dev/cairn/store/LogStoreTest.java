package dev.cairn.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.RegisterLife;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogStoreTest {
  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  LogStore open() throws IOException {
    return LogStore.open(directory.resolve("state"), StoreOptions.DEFAULT);
  }

  @Nested
  class GivenAnEmptyDirectory {
    @Test
    void whenOpened_thenThereIsNoEpoch() throws Exception {
      try (LogStore store = open()) {
        assertThat(store.epochs()).isEmpty();
        assertThat(store.current()).isEmpty();
      }
    }

    @Test
    void whenEpochsAreBegun_thenTheNewestIsCurrentAndTheOthersStay() throws Exception {
      try (LogStore store = open()) {
        EpochLog first = store.begin(Logs.header());
        first.append(Logs.records(0, 1));
        first.close();
        EpochLog second = store.begin(Logs.header());
        second.close();

        assertThat(store.epochs()).containsExactly(first.id(), second.id());
        assertThat(first.id()).matches("0000000000-[0-9a-f]{8}");
        assertThat(second.id()).matches("0000000001-[0-9a-f]{8}");
        assertThat(store.current().orElseThrow().id()).isEqualTo(second.id());
      }
    }

    @Test
    void whenALogIsOpen_thenNoOtherIsOpened() throws Exception {
      try (LogStore store = open()) {
        store.begin(Logs.header());

        assertThatThrownBy(store::current).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.begin(Logs.header()))
            .isInstanceOf(IllegalStateException.class);
      }
    }

    @Test
    void whenTheGroupDoesNotExist_thenItIsNamed() {
      StoreOptions options = StoreOptions.DEFAULT.withGroup(Optional.of("no-such-group"));

      assertThatThrownBy(() -> LogStore.open(directory.resolve("state"), options))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("group no-such-group");
    }
  }

  @Nested
  class GivenAnEpochThatWasNotBegunCompletely {
    @Test
    void whenAnyCallOfTheBeginningFailed_thenTheOneBeforeIsCurrent() throws Exception {
      FaultyDisk disk = new FaultyDisk(new NioDisk(directory, Optional.empty()));
      try (LogStore store = LogStore.open(directory.resolve("state"), StoreOptions.DEFAULT, disk)) {
        EpochLog first = store.begin(Logs.header());
        first.close();
        for (int k = 1; k <= 9; k++) { // up to the rename
          disk.failAt(k, FaultyDisk.Fault.NO_SPACE);
          assertThatThrownBy(() -> store.begin(Logs.header()))
              .as("call %d", k)
              .isInstanceOf(StorageFullException.class);
          disk.heal();
          assertThat(store.epochs()).as("call %d", k).containsExactly(first.id());
        }
        EpochLog second = store.begin(Logs.header());
        assertThat(store.epochs()).containsExactly(first.id(), second.id());
      }
    }
  }

  @Nested
  class GivenAnotherInstance {
    @Test
    void whenItIsInThisProcess_thenOpeningIsRefusedAndTheLockHolds() throws Exception {
      try (LogStore store = open()) {
        assertThat(store.epochs()).isEmpty();
        for (int i = 0; i < 2; i++) {
          assertThatThrownBy(LogStoreTest.this::open)
              .isInstanceOf(IOException.class)
              .hasMessageContaining(directory.resolve("state/lock") + ": locked by this process");
        }
        assertThat(lockedFor(otherProcess())).isTrue();
      }
      open().close();
    }

    @Test
    void whenItIsAnotherProcess_thenOpeningIsRefusedAndNamesIt() throws Exception {
      open().close();
      Process other = otherProcess();
      assertThat(lockedFor(other)).isFalse(); // it has the lock now
      try {
        assertThatThrownBy(LogStoreTest.this::open)
            .isInstanceOf(IOException.class)
            .hasMessageContaining("locked by process");
      } finally {
        other.getOutputStream().close();
        other.waitFor();
      }
      open().close();
    }

    /** Tries to lock, says whether it could not, and keeps the lock until its input ends. */
    private Process otherProcess() throws IOException {
      Path source = directory.resolve("Other.java");
      Files.writeString(
          source,
          """
          public class Other {
            public static void main(String[] args) throws Exception {
              var file = new java.io.RandomAccessFile(args[0], "rw");
              System.out.println(file.getChannel().tryLock() == null ? "locked" : "free");
              System.in.read();
            }
          }
          """);
      return new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              source.toString(),
              directory.resolve("state/lock").toString())
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
    }

    private boolean lockedFor(Process process) throws IOException {
      String line = process.inputReader().readLine();
      assertThat(line).isIn("locked", "free");
      return line.equals("locked");
    }
  }

  @Nested
  class GivenAStoreWithRecords {
    @Test
    void whenFilesAreMade_thenModesAndGroupAreSetWhateverTheUmask() throws Exception {
      String group = Files.readAttributes(directory, PosixFileAttributes.class).group().getName();
      StoreOptions options = StoreOptions.DEFAULT.withGroup(Optional.of(group));
      try (LogStore store = LogStore.open(directory.resolve("state"), options)) {
        EpochLog log = store.begin(Logs.header());
        log.append(Logs.records(0, 1));
        log.commit(1);
        log.checkpoint(1, Bytes.EMPTY);
        log.openKeys(1).close();
        try (Stream<Path> all = Files.walk(directory.resolve("state"))) {
          List<Path> paths = all.toList();
          assertThat(paths).hasSize(9); // state, lock, epochs, one epoch with five files
          for (Path path : paths) {
            PosixFileAttributes attributes = Files.readAttributes(path, PosixFileAttributes.class);
            assertThat(PosixFilePermissions.toString(attributes.permissions()))
                .as(path.toString())
                .isEqualTo(attributes.isDirectory() ? "rwxr-x---" : "rw-r-----");
            assertThat(attributes.group().getName()).isEqualTo(group);
          }
        }
      }
    }

    @Test
    void whenTheHeaderIsReplaced_thenItIsThereAfterwards() throws Exception {
      EpochHeader changed =
          Logs.header()
              .withLife(new RegisterLife("boot-2", OptionalLong.of(5), OptionalLong.of(1)));
      try (LogStore store = open()) {
        store.begin(Logs.header()).updateHeader(changed);
      }
      try (LogStore store = open()) {
        assertThat(store.current().orElseThrow().header()).isEqualTo(changed);
      }
    }
  }
}
