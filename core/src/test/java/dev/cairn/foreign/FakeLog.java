package dev.cairn.foreign;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.RegisterId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A foreign log in memory, which counts what is read of it. */
public final class FakeLog implements ForeignLog {
  private final Origin origin;
  private final String format;
  private volatile byte @Nullable [] bytes = new byte[0];
  private volatile boolean incomplete;
  private volatile int opened;

  /** Makes an empty log. */
  public FakeLog(Origin origin, String format) {
    this.origin = origin;
    this.format = format;
  }

  /** Makes an empty log of systemd's. */
  public static FakeLog systemd() {
    return new FakeLog(Origin.SYSTEMD, "systemd");
  }

  /** Appends bytes. */
  public synchronized FakeLog add(byte[] more) {
    byte[] before = bytes == null ? new byte[0] : bytes;
    byte[] all = Arrays.copyOf(before, before.length + more.length);
    System.arraycopy(more, 0, all, before.length, more.length);
    bytes = all;
    return this;
  }

  /** Appends a record of systemd's. */
  public FakeLog add(RegisterId register, String text, DigestSet digests) {
    List<String> entries = new ArrayList<>();
    for (Digest digest : digests) {
      entries.add(
          "{\"hashAlg\":\"%s\",\"digest\":\"%s\"}"
              .formatted(digest.algorithm().bank(), digest.value().toHex()));
    }
    String key =
        register.rtmrOrdinal().isPresent()
            ? "\"rtmr\":" + register.rtmrOrdinal().getAsInt()
            : "\"pcr\":" + register.index();
    return add(
        "\u001e{%s,\"digests\":[%s],\"content_type\":\"systemd\",\"content\":{\"string\":\"%s\"}}\n"
            .formatted(key, String.join(",", entries), text)
            .getBytes(UTF_8));
  }

  /** Replaces all of it; null takes it away. */
  public void become(byte @Nullable [] all) {
    bytes = all == null ? null : all.clone();
  }

  /** Marks it as incomplete, or not. */
  public void mark(boolean isIncomplete) {
    incomplete = isIncomplete;
  }

  /** Returns how often it was opened. */
  public int opened() {
    return opened;
  }

  @Override
  public Origin origin() {
    return origin;
  }

  @Override
  public String location() {
    return "/fake/" + format;
  }

  @Override
  public String format() {
    return format;
  }

  @Override
  public synchronized InputStream open() throws IOException {
    opened++;
    if (bytes == null) {
      throw new NoSuchFileException(location());
    }
    return new ByteArrayInputStream(bytes);
  }

  @Override
  public Optional<String> incomplete() {
    return incomplete ? Optional.of("is marked incomplete") : Optional.empty();
  }

  /** Returns what systemd measures as {@code text}. */
  public static Bytes text(String text) {
    return Bytes.copyOf(text.getBytes(UTF_8));
  }
}
