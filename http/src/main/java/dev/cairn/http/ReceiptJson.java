package dev.cairn.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.service.Preview;
import dev.cairn.service.Receipt;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/**
 * Writes receipts by hand: the one answer that is made for every event. All text in it is ASCII
 * without quotes (names of registers and banks, epochs, digits). Not for two threads at once.
 */
final class ReceiptJson {
  private static final byte[] DIGITS = "0123456789abcdef".getBytes(ISO_8859_1);
  private static final int LONGEST_NUMBER = 20;

  private byte[] bytes = new byte[1024];
  private int length;

  /** Returns the receipt as a JSON object. */
  Buffer of(Receipt receipt) {
    length = 0;
    text("{\"register\":\"").text(receipt.register().name());
    text("\",\"recnum\":").number(receipt.recnum());
    text(",\"position\":").number(receipt.position());
    text(",\"digests\":").digests(receipt.digests());
    text(",\"value\":").digests(receipt.value());
    text(",\"epoch\":\"").text(receipt.epoch());
    text(receipt.repeated() ? "\",\"repeated\":true}" : "\",\"repeated\":false}");
    return take();
  }

  /** Returns the preview as a JSON object. */
  Buffer of(Preview preview) {
    length = 0;
    text("{\"register\":\"").text(preview.register().name());
    text("\",\"recnum\":").number(preview.recnum());
    text(",\"digests\":").digests(preview.digests());
    text(",\"value\":").digests(preview.value());
    text(",\"epoch\":\"").text(preview.epoch());
    text("\",\"dry_run\":true}");
    return take();
  }

  private Buffer take() {
    return Buffer.buffer(length).appendBytes(bytes, 0, length);
  }

  private ReceiptJson digests(DigestSet digests) {
    String before = "{\"";
    for (int i = 0; i < digests.size(); i++) {
      Digest digest = digests.at(i);
      text(before).text(digest.algorithm().bank()).text("\":\"").hex(digest.value()).text("\"");
      before = ",\"";
    }
    return text("}");
  }

  @SuppressWarnings("deprecation") // exactly what is wanted: the low byte of every character
  private ReceiptJson text(String ascii) {
    reserve(ascii.length());
    ascii.getBytes(0, ascii.length(), bytes, length);
    length += ascii.length();
    return this;
  }

  private ReceiptJson number(long value) {
    reserve(LONGEST_NUMBER);
    int end = length;
    long rest = value;
    do {
      bytes[end++] = DIGITS[(int) (rest % 10)];
      rest /= 10;
    } while (rest > 0);
    for (int i = length, j = end - 1; i < j; i++, j--) {
      byte swapped = bytes[i];
      bytes[i] = bytes[j];
      bytes[j] = swapped;
    }
    length = end;
    return this;
  }

  private ReceiptJson hex(Bytes value) {
    reserve(2 * value.length());
    for (int i = 0; i < value.length(); i++) {
      int b = value.at(i);
      bytes[length++] = DIGITS[b >> 4];
      bytes[length++] = DIGITS[b & 15];
    }
    return this;
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
