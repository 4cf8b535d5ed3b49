package dev.cairn.backend.tdx.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.backend.tdx.emulation.EmulatedKernel;
import dev.cairn.backend.tdx.emulation.EmulatedKernel.Offer;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.cel.CelTlv;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the emulated kernel, by real system calls of real threads. */
class KernelTraceTest {
  @TempDir Path folder;
  private EmulatedKernel kernel;
  private ExecutorService others;

  @BeforeEach
  void start() throws IOException {
    kernel = EmulatedKernel.start(folder, Offer.SYSFS);
    others = Executors.newSingleThreadExecutor();
  }

  @AfterEach
  void stop() throws IOException {
    others.shutdownNow();
    kernel.close();
  }

  @Test
  void given_a_trace_when_others_extend_then_register_digest_and_order_are_theirs()
      throws Exception {
    KernelTrace trace = KernelTrace.start(kernel.tracefs(), "cairn");
    trace.beforeExtend();

    extend(2, 1);
    byOthers(3, 2);
    extend(3, 3);
    byOthers(2, 4);
    byOthers(3, 5);

    List<EventRecord> records = records(trace);
    assertThat(records)
        .extracting(EventRecord::register)
        .containsExactly(rtmr(3), rtmr(2), rtmr(3));
    assertThat(records).extracting(EventRecord::recnum).containsExactly(0L, 0L, 1L);
    assertThat(records)
        .extracting(EventRecord::digests)
        .containsExactly(digests(2), digests(4), digests(5));
    PcClientEvent content = (PcClientEvent) records.get(1).content();
    assertThat(new String(content.data().toArray(), StandardCharsets.US_ASCII))
        .matches("pool-[^ ]*-[0-9]+ +\\[000] .*: tsm_mr_write: \\[rtmr2] sha384:(04){48}");
    assertThat(trace.origin()).isEqualTo(ForeignLog.Origin.KERNEL_TRACE);
    assertThat(trace.incomplete()).isEmpty();
  }

  @Test
  void given_another_thread_of_ours_when_it_extends_then_it_is_left_out_instead() throws Exception {
    KernelTrace trace = KernelTrace.start(kernel.tracefs(), "cairn");
    trace.beforeExtend();
    extend(2, 1);

    others.submit(trace::beforeExtend).get();
    byOthers(2, 2);
    extend(2, 3);

    assertThat(records(trace)).extracting(EventRecord::digests).containsExactly(digests(3));
  }

  @Test
  void given_an_earlier_cairn_when_it_starts_again_then_what_came_between_is_there()
      throws Exception {
    KernelTrace.start(kernel.tracefs(), "cairn").beforeExtend();
    byOthers(2, 1);

    KernelTrace trace = KernelTrace.start(kernel.tracefs(), "cairn");
    trace.beforeExtend();
    byOthers(2, 2);

    assertThat(records(trace))
        .extracting(EventRecord::digests)
        .containsExactly(digests(1), digests(2));
  }

  @Test
  void given_a_small_buffer_when_it_overflows_then_the_log_says_so() throws Exception {
    KernelTrace trace = KernelTrace.start(kernel.tracefs(), "cairn");
    Files.writeString(
        kernel.tracefs().resolve("instances/cairn/buffer_size_kb"), "1", StandardOpenOption.WRITE);
    for (int i = 0; i < 30; i++) {
      byOthers(2, i);
    }

    assertThat(records(trace)).hasSize(10);
    assertThat(trace.incomplete()).hasValueSatisfying(why -> assertThat(why).contains("lacks 20 "));
  }

  @Test
  void given_a_kernel_without_the_event_when_opened_then_the_reason_is_named() throws Exception {
    Path empty = folder.resolveSibling("tracefs-" + System.nanoTime());
    try (EmulatedKernel old = EmulatedKernel.start(Files.createDirectory(empty), Offer.RTMRS)) {
      KernelTrace trace = KernelTrace.start(old.tracefs(), "cairn");
      trace.beforeExtend();

      assertThatThrownBy(trace::open)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no tracefs is mounted");
      assertThat(trace.incomplete()).isEmpty();
    }
  }

  @Test
  void given_an_instance_that_vanishes_when_a_thread_cannot_be_left_out_then_it_is_not_trusted()
      throws Exception {
    KernelTrace trace = KernelTrace.start(kernel.tracefs(), "cairn");
    Files.delete(kernel.tracefs().resolve("instances/cairn"));

    trace.beforeExtend();

    assertThatThrownBy(trace::open).hasMessageContaining("cannot tell our own extends");
  }

  private void byOthers(int rtmr, int digest) throws Exception {
    others
        .submit(
            () -> {
              extend(rtmr, digest);
              return null;
            })
        .get();
  }

  private void extend(int rtmr, int digest) throws IOException {
    Files.write(
        kernel.measurements("tdx_guest").resolve("rtmr" + rtmr + ":sha384"),
        digests(digest).at(0).value().toArray(),
        StandardOpenOption.WRITE);
  }

  private static List<EventRecord> records(KernelTrace trace) throws IOException {
    List<EventRecord> records = new ArrayList<>();
    try (EventReader reader = CelTlv.reader(trace.open(), Limits.DEFAULT)) {
      for (EventRecord next = reader.next(); next != null; next = reader.next()) {
        records.add(next);
      }
    }
    return records;
  }

  private static RegisterId rtmr(int ordinal) {
    return RegisterId.rtmr(ordinal);
  }

  private static DigestSet digests(int fill) {
    return DigestSet.of(new Digest(HashAlgorithm.SHA384, Bytes.filled(48, fill)));
  }
}
