package dev.cairn.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.cel.CelTlv;
import dev.cairn.measure.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random appends, commits, cuts and crashes against a list. A crash leaves the log as it was made
 * durable, perhaps with the beginning of one more batch; index and checkpoints, which are never
 * made durable, lose any number of bytes or become zeros from there on.
 */
class CrashProperties {
  private static final int SEEDS = 60;
  private static final int STEPS = 60;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  static LongStream seeds() {
    return LongStream.range(0, SEEDS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whenAnythingHappens_thenTheLogIsTheModel(long seed) throws Exception {
    try (Run run = new Run(seed, directory)) {
      for (int step = 0; step < STEPS; step++) {
        run.step(step);
        run.check("seed %d, step %d".formatted(seed, step));
      }
    }
  }

  /** One life of a log, and the list that it has to be. */
  private static final class Run implements AutoCloseable {
    private final long seed;
    private final Random random;
    private final Path directory;
    private final StoreOptions options;
    private final List<EventRecord> model = new ArrayList<>();
    private int committed;
    private int lives;
    private LogStore store;
    private EpochLog log;

    Run(long seed, Path directory) throws IOException {
      this.seed = seed;
      this.random = new Random(seed);
      this.directory = directory;
      this.options = StoreOptions.DEFAULT.withSegmentBytes(300 + random.nextInt(1500));
      this.store = LogStore.open(directory.resolve("life-0"), options);
      this.log = store.begin(Logs.header());
    }

    void step(int step) throws IOException {
      int dice = random.nextInt(100);
      if (dice < 50) {
        List<EventRecord> batch = batch(step);
        log.append(batch);
        model.addAll(batch);
      } else if (dice < 75) {
        committed += random.nextInt(model.size() - committed + 1);
        log.commit(committed);
      } else if (dice < 83) {
        int keep = committed + random.nextInt(model.size() - committed + 1);
        log.truncate(keep);
        model.subList(keep, model.size()).clear();
      } else if (dice < 90) {
        log.checkpoint(committed, payload(committed));
      } else {
        crash(step);
      }
    }

    private List<EventRecord> batch(int salt) {
      List<EventRecord> batch = new ArrayList<>();
      for (int i = random.nextInt(5); i >= 0; i--) {
        batch.add(Logs.record(model.size() + batch.size() + 1000L * salt, random.nextInt(200)));
      }
      return batch;
    }

    private static Bytes payload(long position) {
      return Bytes.filled((int) (position % 7), (int) position);
    }

    private void crash(int step) throws IOException {
      Path before = directory.resolve("life-" + lives);
      lives++;
      Path after = directory.resolve("life-" + lives);
      copy(before, after);
      store.close();
      List<EventRecord> unfinished = random.nextBoolean() ? batch(step) : List.of();
      boolean indexHolds = damage(after.resolve("epochs").resolve(log.id()), unfinished);
      store = LogStore.open(after, options);
      log = store.current().orElseThrow();
      recover(unfinished, indexHolds, "seed %d, crash at step %d".formatted(seed, step));
    }

    /** What the service does: it knows from the register how far records are extended. */
    private void recover(List<EventRecord> unfinished, boolean indexHolds, String when)
        throws IOException {
      List<EventRecord> possible = new ArrayList<>(model);
      possible.addAll(unfinished);
      log.cutTornTail();
      List<EventRecord> onDisk = Logs.readAll(log.readTail(0));
      assertThat(onDisk).as(when).isEqualTo(possible.subList(0, onDisk.size()));
      assertThat(onDisk).as(when).hasSizeGreaterThanOrEqualTo(model.size());
      assertThat(log.confirmedPosition()).as(when).isLessThanOrEqualTo(committed);
      if (indexHolds) {
        assertThat(log.confirmedPosition()).as(when).isEqualTo(committed);
      }
      log.truncate(model.size());
      log.commit(committed);
    }

    /** Returns whether the indexes were left alone. */
    private boolean damage(Path epoch, List<EventRecord> unfinished) throws IOException {
      byte[] batch = encode(unfinished);
      Files.write(
          last(epoch, ".cel"),
          Arrays.copyOf(batch, random.nextInt(batch.length + 1)),
          StandardOpenOption.APPEND);
      tear(epoch, ".ckp");
      if (random.nextBoolean()) {
        return true;
      }
      tear(epoch, ".idx");
      return false;
    }

    private void tear(Path epoch, String suffix) throws IOException {
      Path file = last(epoch, suffix);
      if (!Files.exists(file)) {
        return;
      }
      byte[] whole = Files.readAllBytes(file);
      byte[] torn = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
      if (random.nextBoolean()) {
        torn = Arrays.copyOf(torn, whole.length); // zeros from there on
      }
      if (random.nextInt(4) == 0) {
        Files.delete(file);
      } else {
        Files.write(file, torn);
      }
    }

    private static byte[] encode(List<EventRecord> records) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (EventWriter writer = CelTlv.writer(bytes)) {
        for (EventRecord record : records) {
          writer.write(record);
        }
      }
      return bytes.toByteArray();
    }

    private static Path last(Path epoch, String suffix) throws IOException {
      try (Stream<Path> files = Files.list(epoch)) {
        return files
            .filter(path -> path.toString().endsWith(suffix))
            .max(Path::compareTo)
            .orElse(epoch.resolve("none"));
      }
    }

    private static void copy(Path from, Path to) throws IOException {
      try (Stream<Path> all = Files.walk(from)) {
        for (Path path : (Iterable<Path>) all::iterator) {
          Files.copy(path, to.resolve(from.relativize(path)));
        }
      }
    }

    void check(String when) throws IOException {
      assertThat(log.endPosition()).as(when).isEqualTo(model.size());
      assertThat(Logs.readAll(log.readTail(0))).as(when).isEqualTo(model);
      try (StoreSnapshot snapshot = log.snapshot()) {
        int from = random.nextInt(committed + 1);
        assertThat(snapshot.endPosition()).as(when).isEqualTo(committed);
        assertThat(Logs.readAll(snapshot.read(from)))
            .as(when)
            .isEqualTo(model.subList(from, committed));
        assertThat(Logs.bytesOf(snapshot.slices(snapshot.offsetOf(from), snapshot.endOffset())))
            .as(when)
            .isEqualTo(encode(model.subList(from, committed)));
        snapshot
            .lastCheckpoint(committed)
            .ifPresent(
                found -> assertThat(found.payload()).as(when).isEqualTo(payload(found.position())));
      }
    }

    @Override
    public void close() throws IOException {
      store.close();
    }
  }
}
