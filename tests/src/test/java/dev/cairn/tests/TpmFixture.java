package dev.cairn.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.backend.tpm.testing.TpmProxy;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A software TPM, a proxy in front of it, and what a daemon on it needs. */
abstract class TpmFixture {
  static final int EXTEND = 0x182;
  static final int READ = 0x17E;
  static final List<String> REGISTERS = List.of("pcr8", "pcr14");
  static final DigestSet RESET = DigestSet.filled(Swtpm.BANKS, 0);

  private static final Pattern BANK = Pattern.compile("\\s*(sha[0-9]+):\\s*");
  private static final Pattern PCR = Pattern.compile("\\s*([0-9]+)\\s*: 0x([0-9A-F]+)\\s*");

  Audit audit = new Audit(REGISTERS, RESET);
  Workload clients = new Workload(audit, REGISTERS);
  Swtpm swtpm;
  TpmProxy proxy;

  @TempDir Path folder;

  @BeforeEach
  void startTpm() throws IOException {
    swtpm = Swtpm.start();
    proxy = TpmProxy.inFrontOf(swtpm);
  }

  @AfterEach
  void stopTpm() throws IOException {
    try {
      proxy.close();
    } finally {
      swtpm.close();
    }
  }

  /** Returns a daemon behind the proxy. */
  Daemon.Setup setup() {
    return setup(proxy.address());
  }

  Daemon.Setup setup(String address) {
    return Daemon.Setup.tpm(folder.resolve("state"), address, REGISTERS);
  }

  /** Begins to audit a new epoch. */
  void newEpoch() {
    audit = new Audit(REGISTERS, RESET);
    clients = new Workload(audit, REGISTERS);
  }

  List<Path> epochs() throws IOException {
    try (Stream<Path> epochs = Files.list(setup().state().resolve("epochs"))) {
      return epochs.sorted().toList();
    }
  }

  /** Checks that a new epoch has begun which works, and that the old one is {@code archived}. */
  void assertNewEpoch(Daemon daemon, byte[] archived) throws Exception {
    newEpoch();
    assertThat(audit.wholeLog(daemon)).isEmpty();
    assertWorksAndHas(daemon, archived);
  }

  /** Checks that the epoch works, and that the one before is {@code archived}. */
  void assertWorksAndHas(Daemon daemon, byte[] archived) throws Exception {
    clients.extend(daemon, 30);
    audit.checkWhole(daemon);
    assertThat(epochs()).hasSize(2);
    List<Bytes> logs = new ArrayList<>();
    for (Path epoch : epochs()) {
      logs.add(Bytes.copyOf(Files.readAllBytes(epoch.resolve("00000000000000000000.cel"))));
    }
    // Behind it may be what was in flight: nobody knows whether the registers had it.
    assertThat(logs).anyMatch(log -> log.startsWith(Bytes.copyOf(archived)));
  }

  /** Returns what tpm2_pcrread says, register by register and bank by bank, in lower case. */
  Map<String, Map<String, Object>> tpm2PcrRead() throws IOException {
    Map<String, Map<String, Object>> values = new TreeMap<>();
    String bank = "";
    for (String line : proxy.run("tpm2_pcrread").lines().toList()) {
      Matcher head = BANK.matcher(line);
      Matcher pcr = PCR.matcher(line);
      if (head.matches()) {
        bank = head.group(1);
      } else if (pcr.matches()) {
        values
            .computeIfAbsent("pcr" + pcr.group(1), none -> new TreeMap<>())
            .put(bank, pcr.group(2).toLowerCase(Locale.ROOT));
      }
    }
    return values;
  }
}
