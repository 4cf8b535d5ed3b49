package dev.cairn.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.measure.Bytes;
import java.io.ByteArrayOutputStream;
import java.util.Random;

/** Values that no reader knows: compact JSON texts and deterministic CBOR items. */
final class Values {
  private static final int MAX_DEPTH = 3;

  private Values() {}

  static Bytes json(Random random) {
    StringBuilder text = new StringBuilder();
    json(random, MAX_DEPTH, text);
    return Bytes.owning(text.toString().getBytes(UTF_8));
  }

  private static void json(Random random, int depth, StringBuilder text) {
    switch (random.nextInt(depth == 0 ? 5 : 7)) {
      case 0 -> text.append("null");
      case 1 -> text.append(random.nextBoolean());
      case 2 -> text.append(random.nextLong());
      case 3 -> text.append("\"").append("ü\\n".repeat(random.nextInt(3))).append("\"");
      case 4 -> text.append(random.nextInt(100)).append(".25");
      case 5 -> {
        text.append('[');
        for (int i = random.nextInt(4); i > 0; i--) {
          json(random, depth - 1, text);
          text.append(i > 1 ? "," : "");
        }
        text.append(']');
      }
      default -> {
        text.append('{');
        for (int i = random.nextInt(4); i > 0; i--) {
          text.append("\"k").append(i).append("\":");
          json(random, depth - 1, text);
          text.append(i > 1 ? "," : "");
        }
        text.append('}');
      }
    }
  }

  static Bytes cbor(Random random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    cbor(random, MAX_DEPTH, out);
    return Bytes.owning(out.toByteArray());
  }

  private static void cbor(Random random, int depth, ByteArrayOutputStream out) {
    int major = random.nextInt(depth == 0 ? 4 : 6);
    int count = random.nextInt(5);
    switch (major) {
      case 0, 1 -> head(major, random.nextLong() >>> random.nextInt(64), out);
      case 2, 3 -> {
        head(major, count, out);
        out.writeBytes("abcde".substring(0, count).getBytes(UTF_8));
      }
      case 4 -> {
        head(major, count, out);
        for (int i = 0; i < count; i++) {
          cbor(random, depth - 1, out);
        }
      }
      default -> {
        head(major, count, out);
        for (int i = 0; i < count; i++) {
          head(0, 20 + i * 3L, out);
          cbor(random, depth - 1, out);
        }
      }
    }
  }

  private static void head(int major, long value, ByteArrayOutputStream out) {
    int width = width(value);
    int info =
        switch (width) {
          case 0 -> (int) value;
          case 1 -> 24;
          case 2 -> 25;
          case 4 -> 26;
          default -> 27;
        };
    out.write(major << 5 | info);
    for (int shift = (width - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
      out.write((int) (value >>> shift));
    }
  }

  private static int width(long value) {
    if (value < 0 || value > 0xFFFF_FFFFL) {
      return 8;
    }
    if (value > 0xFFFF) {
      return 4;
    }
    if (value > 0xFF) {
      return 2;
    }
    return value < 24 ? 0 : 1;
  }
}
