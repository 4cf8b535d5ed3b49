package dev.cairn.tests.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cairn.backend.tpm.testing.Swtpm;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Has the PCRs of a software TPM quoted by a daemon over HTTP, and by tpm2_quote, in turns; each
 * has a TPM for itself. Run by {@code bench/evidence}, which says what is compared.
 *
 * <p>Argument: the command {@code cairn}.
 */
public final class EvidenceComparison {
  private static final int ROUNDS = 7;
  private static final int REQUESTS = 300;
  private static final int WARM_UP = 1500;
  private static final int PROCESSES = 20;
  private static final int EVENTS = 100;
  private static final String KEY = "0x81010002";
  private static final String NONCE = "TmVHaHhVcVpMa1BzV2RSdEJ5Q3ZGbUpuS3hRcFN6VDA%3D"; // 32 bytes
  private static final Pattern READY = Pattern.compile("ready .*127\\.0\\.0\\.1:([0-9]+).*");
  private static final Pattern LENGTH =
      Pattern.compile("(?i)content-length: ([0-9]+)|transfer-encoding: chunked");
  private static final double NANOS_PER_MICRO = 1e3;

  private interface Step {
    void run() throws IOException;
  }

  /** What is measured, and how often per round. */
  private record Contestant(int count, Step step) {}

  private EvidenceComparison() {}

  /** Compares. */
  public static void main(String[] arguments) throws IOException {
    System.out.printf("%-34s %10s %10s%n", "quote of 24 PCRs, sha256", "p50 µs", "p99 µs");
    Map<String, Contestant> contestants = new LinkedHashMap<>();
    try (Swtpm theirs = Swtpm.start();
        Served ecc = Served.start(arguments[0], "ecc");
        Served rsa = Served.start(arguments[0], "rsa")) {
      String folder = theirs.socket().getParent().toString();
      makeKey(theirs, folder + "/key");
      contestants.put(
          "Cairn over HTTP, ECC", new Contestant(REQUESTS, () -> ecc.evidence("log=false")));
      contestants.put(
          "Cairn, ECC, with %d records".formatted(EVENTS),
          new Contestant(REQUESTS, () -> ecc.evidence("log=true")));
      contestants.put(
          "Cairn over HTTP, RSA", new Contestant(REQUESTS, () -> rsa.evidence("log=false")));
      contestants.put("tpm2_quote, ECC", new Contestant(PROCESSES, () -> quote(theirs, folder)));
      for (int i = 0; i < WARM_UP; i++) {
        ecc.evidence(i % 2 == 0 ? "log=false" : "log=true");
      }
      print(compete(contestants));
    }
  }

  private static void makeKey(Swtpm tpm, String context) throws IOException {
    String attributes =
        "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign|noda";
    tpm.run(
        "tpm2_createprimary",
        "-C",
        "e",
        "-G",
        "ecc256:ecdsa-sha256:null",
        "-a",
        attributes,
        "-c",
        context);
    tpm.run("tpm2_evictcontrol", "-C", "o", "-c", context, KEY);
    tpm.run("tpm2_flushcontext", "-t");
  }

  private static void quote(Swtpm tpm, String folder) throws IOException {
    tpm.run(
        "tpm2_quote",
        "-c",
        KEY,
        "-l",
        "sha256:all",
        "-q",
        "4e".repeat(32),
        "-m",
        folder + "/message",
        "-s",
        folder + "/signature",
        "-o",
        folder + "/pcrs");
  }

  private static Map<String, double[][]> compete(Map<String, Contestant> contestants)
      throws IOException {
    Map<String, double[][]> times = new LinkedHashMap<>();
    for (String name : contestants.keySet()) {
      times.put(name, new double[2][ROUNDS]);
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (Map.Entry<String, Contestant> each : contestants.entrySet()) {
        long[] nanos = new long[each.getValue().count()];
        for (int i = 0; i < nanos.length; i++) {
          long sent = System.nanoTime();
          each.getValue().step().run();
          nanos[i] = System.nanoTime() - sent;
        }
        Arrays.sort(nanos);
        double[][] all = times.getOrDefault(each.getKey(), new double[2][ROUNDS]);
        all[0][round] = nanos[nanos.length / 2] / NANOS_PER_MICRO;
        all[1][round] = nanos[nanos.length * 99 / 100] / NANOS_PER_MICRO;
      }
    }
    return times;
  }

  private static void print(Map<String, double[][]> times) {
    times.forEach(
        (name, all) ->
            System.out.printf("%-34s %10.0f %10.0f%n", name, median(all[0]), median(all[1])));
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  /** A daemon with a TPM and a client of it. */
  private static final class Served implements AutoCloseable {
    private final Swtpm tpm;
    private final Path state;
    private final Process process;
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    private Served(Swtpm tpm, Path state, Process process, int port) throws IOException {
      this.tpm = tpm;
      this.state = state;
      this.process = process;
      this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      this.out = socket.getOutputStream();
    }

    static Served start(String cairn, String key) throws IOException {
      Swtpm tpm = Swtpm.start();
      Path state = Files.createTempDirectory("evidence");
      Process process =
          new ProcessBuilder(
                  List.of(
                      cairn,
                      "serve",
                      "--backend",
                      "tpm",
                      "--tpm",
                      tpm.address(),
                      "--attestation-key",
                      key,
                      "--state",
                      state.toString(),
                      "--listen",
                      "127.0.0.1:0"))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      BufferedReader output =
          new BufferedReader(new InputStreamReader(process.getInputStream(), ISO_8859_1));
      Matcher ready = READY.matcher(String.valueOf(output.readLine()));
      if (!ready.matches()) {
        throw new IOException(cairn + " does not become ready");
      }
      Served served = new Served(tpm, state, process, Integer.parseInt(ready.group(1)));
      for (int i = 0; i < EVENTS; i++) {
        served.extend();
      }
      return served;
    }

    private void extend() throws IOException {
      String body = "{\"domain\":\"bench\",\"operation\":\"run\",\"content\":\"x\"}";
      send(
          "POST /v1/registers/pcr14/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
              + "content-length: %d\r\n\r\n%s".formatted(body.length(), body),
          201);
    }

    void evidence(String what) throws IOException {
      send(
          "GET /v1/evidence?nonce=%s&banks=sha256&%s HTTP/1.1\r\nhost: localhost\r\n\r\n"
              .formatted(NONCE, what),
          200);
    }

    private void send(String request, int status) throws IOException {
      out.write(request.getBytes(ISO_8859_1));
      String statusLine = line();
      boolean chunked = false;
      int length = 0;
      for (String line = line(); !line.isEmpty(); line = line()) {
        Matcher body = LENGTH.matcher(line);
        if (body.matches()) {
          chunked = body.group(1) == null;
          length = chunked ? 0 : Integer.parseInt(body.group(1));
        }
      }
      String text = chunked ? chunks() : exactly(length);
      if (!statusLine.startsWith("HTTP/1.1 " + status)) {
        throw new IOException(statusLine + ": " + text);
      }
    }

    private String chunks() throws IOException {
      StringBuilder body = new StringBuilder();
      for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
        body.append(exactly(size));
        line();
      }
      line();
      return body.toString();
    }

    private String exactly(int length) throws IOException {
      byte[] bytes = new byte[length];
      in.readFully(bytes);
      return new String(bytes, ISO_8859_1);
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (char c = (char) in.readUnsignedByte(); c != '\n'; c = (char) in.readUnsignedByte()) {
        line.append(c);
      }
      return line.toString().strip();
    }

    @Override
    public void close() throws IOException {
      socket.close();
      process.destroy();
      process.onExit().join();
      tpm.close();
      try (Stream<Path> files = Files.walk(state)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
