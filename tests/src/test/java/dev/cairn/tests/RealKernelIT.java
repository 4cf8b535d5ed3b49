package dev.cairn.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The packaged Cairn in a guest with a real kernel: {@code tests/real-kernel/prove}, and every
 * receipt that its clients got in there against the log that came out.
 *
 * <p>Skipped, and said so, where the guest cannot be had or does not come to its end; {@code
 * -Dcairn.real-kernel=required} fails there instead.
 */
@Execution(ExecutionMode.CONCURRENT)
class RealKernelIT {
  private static final Path SCRIPT = Path.of("real-kernel", "prove").toAbsolutePath();
  private static final Path OUT = Path.of("target", "real-kernel").toAbsolutePath();
  private static final Path HOME = Path.of("..", "cli", "target").toAbsolutePath().normalize();

  /** No packages; a module that Debian's newest kernel does not take; a guest that does not end. */
  private static final Set<Integer> CANNOT_RUN = Set.of(69, 70, 124, 125);

  private static final int PATIENCE_MINUTES = 20;

  private static final List<String> LINES = new ArrayList<>();
  private static int status;

  @BeforeAll
  static void runTheGuest() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(SCRIPT.toString(), "--out", OUT.toString(), "--home", HOME.toString());
    builder.environment().keySet().removeIf(name -> name.matches("CAIRN_(?!REAL_KERNEL_CACHE).*"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    try (BufferedReader out = process.inputReader(UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        System.out.println(line);
        LINES.add(line);
      }
    }
    assertThat(process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)).as("ends").isTrue();
    status = process.exitValue();
    boolean failed = LINES.stream().anyMatch(line -> line.startsWith("FAILED ")); // is shown below
    if (CANNOT_RUN.contains(status) && !failed) {
      String reason = "NOT RUN: tests on a real kernel: " + LINES.get(LINES.size() - 1);
      System.err.println(reason);
      if ("required".equals(System.getProperty("cairn.real-kernel"))) {
        fail(reason);
      }
      Assumptions.abort(reason);
    }
  }

  @TestFactory
  Stream<DynamicTest> whatTheGuestShows() {
    List<DynamicTest> tests = new ArrayList<>();
    for (String line : LINES) {
      if (line.startsWith("ok ") || line.startsWith("FAILED ")) {
        tests.add(dynamicTest(line, () -> assertThat(line).startsWith("ok ")));
      }
    }
    tests.add(
        dynamicTest(
            "the script ends with status 0",
            () -> assertThat(status).as(String.join("\n", LINES)).isZero()));
    return tests.stream();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tpm", "tdx"})
  void whatWasAcknowledgedIsInTheLogOnceAndWhatWasRefusedIsNot(String part) throws IOException {
    ReceiptAudit audit = new ReceiptAudit(OUT.resolve(part).resolve("log.cel"));
    try (Stream<Path> files = Files.list(OUT.resolve(part).resolve("receipts"))) {
      for (Path file : files.sorted().toList()) {
        audit.add(file);
      }
    }

    assertThat(audit.acknowledged()).isGreaterThan(15);
    assertThat(audit.violations()).isEmpty();
  }
}
