package dev.cairn.cli.bench;

import dev.cairn.cli.client.Answer;
import dev.cairn.cli.client.Endpoint;
import dev.cairn.cli.client.HttpClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds out what to ask the log for. */
final class HttpPeek {
  private static final Pattern END = Pattern.compile("\"end_position\" *: *([0-9]+)");
  private static final Pattern BYTES = Pattern.compile("\"log_bytes\" *: *([0-9]+)");

  private final HttpClient client;

  HttpPeek(InetSocketAddress address) {
    this.client =
        new HttpClient(
            Endpoint.parse("http://127.0.0.1:" + address.getPort()), Duration.ofSeconds(30));
  }

  /** Returns the path of the log's last {@code bytes}, about. */
  String tailPath(int bytes) throws IOException {
    try (Answer answer = client.get("/v1", Map.of())) {
      String text = new String(answer.readBody(1 << 16), StandardCharsets.UTF_8);
      long end = number(END, text);
      long size = number(BYTES, text);
      long records = Math.max(1, end * bytes / Math.max(1, size));
      return "/v1/log?format=cel-tlv&from=" + Math.max(0, end - records);
    }
  }

  private static long number(Pattern pattern, String text) throws IOException {
    Matcher match = pattern.matcher(text);
    if (!match.find()) {
      throw new IOException("the service document has no " + pattern);
    }
    return Long.parseLong(match.group(1));
  }

  /** Returns the entity tag of {@code path}. */
  String entityTag(String path) throws IOException {
    try (Answer answer = client.get(path, Map.of())) {
      return answer.header("etag").orElseThrow(() -> new IOException(path + ": no ETag"));
    }
  }
}
