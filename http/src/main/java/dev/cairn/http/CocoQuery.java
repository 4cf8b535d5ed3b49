package dev.cairn.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.measure.Bytes;
import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The query of a request to the agent, read as the agent reads it: {@code
 * application/x-www-form-urlencoded}, a plus is a space, a bad escape stands for itself, bytes that
 * are not UTF-8 become U+FFFD, the last of several values counts, unknown names are ignored.
 *
 * @see "WHATWG URL, 5.1 application/x-www-form-urlencoded parsing"
 */
final class CocoQuery {
  private final Map<String, String> values = new HashMap<>();

  private CocoQuery() {}

  static CocoQuery parse(@Nullable String query) {
    CocoQuery parsed = new CocoQuery();
    if (query == null) {
      return parsed;
    }
    for (String pair : query.split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        parsed.values.put(decode(name), decode(value));
      }
    }
    return parsed;
  }

  Optional<String> value(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /** Returns the report data; nothing where the agent answers 400. */
  Optional<Bytes> runtimeData() {
    String data = values.get("runtime_data");
    if (data == null) {
      return Optional.empty();
    }
    String encoding = values.get("encoding");
    if (encoding == null) {
      return Optional.of(Bytes.owning(data.getBytes(UTF_8)));
    }
    return encoding.equals("base64") ? base64(data) : Optional.empty();
  }

  /** URL-safe, without padding, in the one canonical form; the JDK's decoder takes more. */
  private static Optional<Bytes> base64(String text) {
    try {
      byte[] decoded = Base64.getUrlDecoder().decode(text);
      String canonical = Base64.getUrlEncoder().withoutPadding().encodeToString(decoded);
      return canonical.equals(text) ? Optional.of(Bytes.owning(decoded)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String decode(String encoded) {
    byte[] bytes = encoded.getBytes(encoded.chars().allMatch(c -> c < 0x100) ? ISO_8859_1 : UTF_8);
    ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
      int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
      if (bytes[i] == '+') {
        decoded.write(' ');
      } else if (bytes[i] == '%' && high >= 0 && low >= 0) {
        decoded.write(16 * high + low);
        i += 2;
      } else {
        decoded.write(bytes[i]);
      }
    }
    return decoded.toString(UTF_8);
  }
}
