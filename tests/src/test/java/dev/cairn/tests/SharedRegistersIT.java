package dev.cairn.tests;

import static dev.cairn.tests.Workload.assertDiverged;
import static dev.cairn.tests.Workload.register;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** systemd extends a register of ours too, and keeps its log of that. */
class SharedRegistersIT extends TpmFixture {
  private static final int PATIENCE_SECONDS = 60;
  private static final int KILLS = 8;
  private static final int EXTENDS = 20;
  private static final int PAUSE_MILLIS = 20;
  private int words;

  private Path log() {
    return folder.resolve("tpm2-measure.log");
  }

  @Override
  Daemon.Setup setup() {
    return super.setup().with("--systemd-log", log().toString());
  }

  private DigestSet nextWord() {
    String word = "phase-" + words++;
    return new Hasher().hash(Swtpm.BANKS, Bytes.copyOf(word.getBytes(UTF_8)));
  }

  /** As systemd writes it. */
  private void log(DigestSet digests) throws IOException {
    List<String> banks = new ArrayList<>();
    for (Digest digest : digests) {
      banks.add(
          "{\"hashAlg\":\"%s\",\"digest\":\"%s\"}"
              .formatted(digest.algorithm().bank(), digest.value().toHex()));
    }
    String record =
        "\u001e{\"pcr\":14,\"digests\":[%s],\"content_type\":\"systemd\",\"content\":{\"string\":\"phase\",\"bootId\":\"00\",\"timestamp\":1,\"eventType\":\"phase\"}}\n"
            .formatted(String.join(",", banks));
    Files.writeString(log(), record, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** As systemd does it: the log is there, the register is extended, the log says so. */
  private void extendAsSystemd() throws IOException {
    DigestSet digests = nextWord();
    audit.expectExtendOfOthers("pcr14", digests);
    List<String> banks = new ArrayList<>();
    for (Digest digest : digests) {
      banks.add(digest.algorithm().bank() + "=" + digest.value().toHex());
    }
    if (Files.notExists(log())) {
      Files.createFile(log());
    }
    proxy.run("tpm2_pcrextend", "14:" + String.join(",", banks));
    log(digests);
  }

  private void assertTpmToolsAgree(Daemon daemon) throws IOException {
    assertThat(register(daemon, "pcr14").get("value")).isEqualTo(tpm2PcrRead().get("pcr14"));
  }

  @Test
  void whenItIsBetweenTwoEvents_thenTheNextOneFollowsTheirRecord() throws Exception {
    try (Daemon daemon = setup().start()) {
      clients.extend(daemon, 30);
      extendAsSystemd();

      assertThat(clients.extend(daemon, "pcr14").status()).isEqualTo(201);

      audit.checkWhole(daemon);
      assertTpmToolsAgree(daemon);
      assertThat(daemon.get("/metrics").text()).contains("cairn_foreign_records_total 1\n");
      assertThat(daemon.errors()).contains("pcr14: somebody else extended it");
    }
  }

  /** systemd, many times: it extends first and logs then. */
  private final class Systemd implements AutoCloseable {
    private final Thread thread = new Thread(this::run, "systemd");
    private final AtomicInteger extended = new AtomicInteger();
    private final AtomicReference<Throwable> defect = new AtomicReference<>();
    private volatile boolean stopped;

    Systemd() {
      thread.start();
    }

    private void run() {
      try {
        while (!stopped) {
          extendAsSystemd();
          extended.incrementAndGet();
          Thread.sleep(PAUSE_MILLIS);
        }
      } catch (InterruptedException | IOException | RuntimeException | Error e) {
        defect.compareAndSet(null, e);
      }
    }

    @Override
    public void close() {
      stopped = true;
      await().atMost(PATIENCE_SECONDS, SECONDS).until(() -> !thread.isAlive());
      assertThat(defect.get()).isNull();
    }
  }

  @Test
  void whenItHappensUnderLoad_thenEveryEventIsAcknowledgedAndNothingDiverges() throws Exception {
    try (Daemon daemon = setup().start()) {
      Load load = clients.start(daemon);
      try (Systemd systemd = new Systemd()) {
        await().atMost(PATIENCE_SECONDS, SECONDS).until(() -> systemd.extended.get() >= EXTENDS);
      }
      int acknowledged = load.acknowledged();
      await()
          .atMost(PATIENCE_SECONDS, SECONDS)
          .until(() -> load.acknowledged() > acknowledged + 100);
      List<Attempt> attempts = clients.stop(load);

      assertThat(attempts).allMatch(Attempt::acknowledged);
      audit.checkWhole(daemon);
      assertTpmToolsAgree(daemon);
      assertThat(audit.extendsOfOthers()).isGreaterThanOrEqualTo(EXTENDS);
    }
  }

  @Test
  void whenTheDaemonIsKilledAgainAndAgain_thenTheirsAndOursAreThereOnce() throws Exception {
    for (int round = 0; round < KILLS; round++) {
      try (Daemon daemon = setup().start()) {
        audit.check(daemon);
        Load load = clients.start(daemon);
        try (Systemd systemd = new Systemd()) {
          await().atMost(PATIENCE_SECONDS, SECONDS).until(() -> systemd.extended.get() >= 3);
          daemon.kill();
        }
        clients.stop(load);
      }
      extendAsSystemd();
    }
    try (Daemon daemon = setup().start()) {
      audit.checkWhole(daemon);
      assertTpmToolsAgree(daemon);
      assertThat(register(daemon, "pcr14")).containsEntry("state", "OK");
    }
    assertThat(audit.extendsOfOthers()).isGreaterThanOrEqualTo(4 * KILLS);
  }

  @Test
  void whenOnlyOneBankIsExtended_thenTheRegisterDivergesAndTheReasonNamesTheLog() throws Exception {
    try (Daemon daemon = setup().start()) {
      clients.extend(daemon, 30);
      audit.check(daemon);
      audit.expectDivergenceOf(List.of("pcr14"));
      DigestSet digests = nextWord();
      String sha256 = digests.get(HashAlgorithm.SHA256).orElseThrow().value().toHex();
      proxy.run("tpm2_pcrextend", "14:sha256=" + sha256);
      log(digests);

      clients.assertRefusedAsDiverged(daemon, "pcr14");
      assertDiverged(daemon, "pcr14", "systemd log " + log() + " has 1 further record of pcr14");
      audit.checkWhole(daemon);
    }
  }
}
