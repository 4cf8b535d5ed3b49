package dev.cairn.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as it is packaged: its promises to scripts, and what it loads before it is ready. */
class ServeIT {
  @TempDir Path folder;

  private Packaged.Result extend(String url, String content) throws Exception {
    return Packaged.run(
        folder,
        "extend",
        "--url=" + url,
        "--register=rtmr2",
        "--domain=test",
        "--operation=Run",
        "--content=" + content,
        "--json");
  }

  @Nested
  class GivenADaemonOnTheEmulator {
    @Test
    void whenItIsReady_thenItHasPrintedOneLineAndSigtermEndsItWithZero() throws Exception {
      try (Packaged.Daemon daemon = Packaged.serve(folder, List.of())) {
        assertThat(daemon.ready()).startsWith("ready http://127.0.0.1:");
        Packaged.Result end = daemon.stop();
        assertThat(end.status()).isZero();
        assertThat(end.out()).isEmpty();
      }
    }

    @Test
    void whenEventsAreExtended_thenLogRegisterAndVerifierAgreeAlsoAfterAKill() throws Exception {
      String socket = "unix:" + folder.resolve("s");
      JsonObject receipt;
      try (Packaged.Daemon daemon = Packaged.serve(folder, List.of(), "--listen", socket)) {
        assertThat(extend(daemon.url(), "one").status()).isZero();
        receipt = new JsonObject(extend(socket, "two").out());
        assertThat(receipt.getInteger("recnum")).isEqualTo(1);
      }
      try (Packaged.Daemon daemon = Packaged.serve(folder, List.of(), "--listen", socket)) {
        Path log = folder.resolve("log.json");
        Packaged.Result fetched =
            Packaged.run(folder, "log", "--url", socket, "--format=cel-json", "-o", log.toString());
        assertThat(fetched.status()).as(fetched.err()).isZero();
        assertThat(Packaged.run(folder, "registers", "--url", daemon.url(), "rtmr2").out())
            .contains(receipt.getJsonObject("value").getString("sha384"));

        JsonObject values =
            new JsonObject()
                .put("registers", "rtmr")
                .put(
                    "sha384",
                    new JsonObject().put("2", receipt.getJsonObject("value").getString("sha384")));
        Path given = Files.writeString(folder.resolve("values.json"), values.encode());
        Packaged.Result verified =
            Packaged.run(folder, "verify", log.toString(), "--values", given.toString());
        assertThat(verified.status()).as(verified.out()).isZero();
      }
    }

    @Test
    void whenEvidenceIsFetched_thenItIsVerifiedWithoutTheDaemon() throws Exception {
      String nonce = "6e6f6e6365";
      Path evidence = folder.resolve("evidence.json");
      try (Packaged.Daemon daemon = Packaged.serve(folder, List.of())) {
        extend(daemon.url(), "one");
        Packaged.Result fetched =
            Packaged.run(
                folder,
                "evidence",
                "--url=" + daemon.url(),
                "--nonce=" + nonce,
                "-o",
                evidence.toString());
        assertThat(fetched.status()).as(fetched.err()).isZero();
      }
      List<String> verify = List.of("verify", "--quote", evidence.toString(), "--nonce", nonce);
      Packaged.Result refused = Packaged.run(folder, verify.toArray(String[]::new));
      assertThat(refused.status()).isEqualTo(1);
      assertThat(refused.out()).contains("FAILED signed", "signed by nobody");

      Packaged.Result verified =
          Packaged.run(
              folder,
              Stream.concat(verify.stream(), Stream.of("--allow-emulator", "--json"))
                  .toArray(String[]::new));
      assertThat(verified.status()).as(verified.out() + verified.err()).isZero();
      assertThat(new JsonObject(verified.out()).getJsonArray("required")).contains("rtmr2");
    }

    @Test
    void whenASecondOneWantsTheSameState_thenItRefusesAndTheFirstIsUnharmed() throws Exception {
      try (Packaged.Daemon daemon = Packaged.serve(folder, List.of())) {
        Packaged.Result second =
            Packaged.run(
                folder,
                "serve",
                "--backend=emulator",
                "--state=" + folder.resolve("state"),
                "--listen=127.0.0.1:0");
        assertThat(second.status()).isEqualTo(69);
        assertThat(second.out()).isEmpty();
        assertThat(second.err()).contains("another Cairn").doesNotContain("\tat ");
        assertThat(extend(daemon.url(), "x").status()).isZero();
      }
    }

    @Test
    void whenFilesAreMade_thenOnlyOwnerAndGroupCanReadThem() throws Exception {
      try (Packaged.Daemon daemon = Packaged.serve(folder, List.of())) {
        assertThat(daemon.process().isAlive()).isTrue();
        assertThat(mode("state")).isEqualTo("rwxr-x---");
        assertThat(mode("state/lock")).isEqualTo("rw-r-----");
        assertThat(mode("state/emulator.registers")).isEqualTo("rw-r-----");
      }
    }

    private String mode(String file) throws IOException {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(file)));
    }

    @Test
    void whenItBecomesReady_thenNothingCostlyWasLoadedThatItDoesNotNeed() throws Exception {
      Path classes = folder.resolve("classes");
      try (Packaged.Daemon daemon =
          Packaged.serve(folder, List.of("-Xlog:class+load:file=" + classes))) {
        List<String> loaded = Files.readAllLines(classes);
        assertThat(loaded).anyMatch(line -> line.contains("dev.cairn.http.CairnServer "));
        assertThat(loaded).noneMatch(line -> line.contains(" jnr."));
        assertThat(loaded).noneMatch(line -> line.contains("com.fasterxml.jackson.databind"));
        assertThat(loaded).noneMatch(line -> line.contains("com.electronwill.nightconfig"));
        assertThat(loaded).noneMatch(line -> line.contains("org.bouncycastle"));
        assertThat(daemon.stop().status()).isZero();
      }
    }

    @Test
    void whenTheMachineIsRebooted_thenANewEpochBegins() throws Exception {
      String first;
      try (Packaged.Daemon daemon = Packaged.serve(folder, List.of())) {
        extend(daemon.url(), "before");
        first = daemon.ready().replaceAll(".*epoch=", "");
        daemon.stop();
      }
      Packaged.Result reboot =
          Packaged.run(
              folder, "emulator", "reboot", "cold", "--state", folder.resolve("state").toString());
      assertThat(reboot.status()).as(reboot.err()).isZero();
      try (Packaged.Daemon daemon = Packaged.serve(folder, List.of())) {
        assertThat(daemon.ready()).contains("records=0").doesNotContain(first);
      }
    }
  }

  @Test
  void whenNoBackendIsNamed_thenItRefusesAndNamesTheReason() throws Exception {
    Packaged.Result refused =
        Packaged.run(folder, "serve", "--state=" + folder.resolve("state"), "--listen=127.0.0.1:0");

    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("backend: none is configured", "--backend emulator");
    assertThat(folder.resolve("state")).doesNotExist();
  }

  @Test
  void whenAKeyIsUnknown_thenTheNearestIsNamed() throws Exception {
    Path file = Files.writeString(folder.resolve("c.toml"), "[http]\nbody-limt = 1\n");

    Packaged.Result refused = Packaged.run(folder, "serve", "--config", file.toString());

    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("did you mean http.body-limit?");
  }

  @Test
  void whenTheAddressIsNotLoopback_thenItRefuses() throws Exception {
    Packaged.Result refused =
        Packaged.run(
            folder,
            "serve",
            "--backend=emulator",
            "--state=" + folder.resolve("state"),
            "--listen=0.0.0.0:0");

    assertThat(refused.status()).isEqualTo(69);
    assertThat(refused.err()).contains("0.0.0.0:0", "TLS");
  }
}
