package dev.cairn.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The small JSON answers; those of the hot path are written by {@link ReceiptJson}. */
final class Json {
  static final String MEDIA_TYPE = "application/json";

  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /** Writes one document. */
  interface Document {
    void write(JsonGenerator json) throws IOException;
  }

  static byte[] write(Document document) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      document.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return out.toByteArray();
  }

  /** Writes an object of bank names and digits. */
  static void digests(JsonGenerator json, String field, DigestSet digests) throws IOException {
    json.writeObjectFieldStart(field);
    for (Digest digest : digests) {
      json.writeStringField(digest.algorithm().bank(), digest.value().toHex());
    }
    json.writeEndObject();
  }

  /** Replaces lone surrogates, which have no form in UTF-8, by U+FFFD. */
  static String wellFormed(String text) {
    StringBuilder mended = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
        continue;
      }
      if (mended == null) {
        mended = new StringBuilder(text);
      }
      mended.setCharAt(i, '\uFFFD');
    }
    return mended == null ? text : mended.toString();
  }
}
