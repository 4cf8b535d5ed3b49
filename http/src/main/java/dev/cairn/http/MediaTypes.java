package dev.cairn.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a body says it is. */
final class MediaTypes {
  private MediaTypes() {}

  /** Returns whether {@code contentType} is JSON, with no charset or with UTF-8. */
  static boolean isJson(@Nullable String contentType) {
    if (contentType == null) {
      return false;
    }
    String[] parts = contentType.toLowerCase(Locale.ROOT).split(";", 3);
    if (!parts[0].strip().equals(Json.MEDIA_TYPE) || parts.length > 2) {
      return false;
    }
    String parameter = parts.length == 1 ? "" : parts[1].replace("\"", "").strip();
    return parameter.isEmpty() || parameter.equals("charset=utf-8");
  }
}
