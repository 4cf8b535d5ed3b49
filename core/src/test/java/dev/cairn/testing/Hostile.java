package dev.cairn.testing;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;

/** Bytes that nobody should have to read, and what reading them costs. */
public final class Hostile {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int[] EDGES = {0x00, 0x01, 0x7F, 0x80, 0xFF, '"', '{', '[', ',', 0x9F, 0xBF};

  private Hostile() {}

  /** Something that reads. */
  @FunctionalInterface
  public interface Action {
    /** Does it. */
    void run() throws IOException;
  }

  /**
   * Returns {@code log} with one to eight small damages: bytes changed, dropped, doubled, moved, or
   * the end cut.
   */
  public static byte[] mutate(byte[] log, long seed) {
    Random random = new Random(seed);
    byte[] result = log.clone();
    for (int i = 1 + random.nextInt(8); i > 0 && result.length > 0; i--) {
      result = damage(result, random);
    }
    return result;
  }

  private static byte[] damage(byte[] log, Random random) {
    int at = random.nextInt(log.length);
    int length = Math.min(1 + random.nextInt(16), log.length - at);
    switch (random.nextInt(6)) {
      case 0 -> {
        log[at] ^= (byte) (1 << random.nextInt(8));
        return log;
      }
      case 1 -> {
        log[at] = (byte) EDGES[random.nextInt(EDGES.length)];
        return log;
      }
      case 2 -> {
        System.arraycopy(log, at, log, random.nextInt(log.length - length + 1), length);
        return log;
      }
      case 3 -> {
        return splice(log, at, at + length, at, at);
      }
      case 4 -> {
        return splice(log, at, at, at, at + length);
      }
      default -> {
        return Arrays.copyOf(log, at);
      }
    }
  }

  /** Replaces what lies between the first two by a copy of what lies between the last two. */
  private static byte[] splice(byte[] log, int from, int to, int copyFrom, int copyTo) {
    int added = copyTo - copyFrom;
    byte[] result = new byte[log.length - (to - from) + added];
    System.arraycopy(log, 0, result, 0, from);
    System.arraycopy(log, copyFrom, result, from, added);
    System.arraycopy(log, to, result, from + added, log.length - to);
    return result;
  }

  /** Returns {@code length} bytes without any order. */
  public static byte[] noise(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Returns {@code unit} again and again, up to {@code length} bytes. */
  public static byte[] repeat(byte[] unit, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = unit[i % unit.length];
    }
    return bytes;
  }

  /** Returns how many bytes this thread allocates while it runs {@code action}. */
  public static long allocatedBytes(Action action) throws IOException {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    action.run();
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  /** Returns how long the processor works on {@code action}, the best of five, in milliseconds. */
  public static long cpuMs(Action action) throws IOException {
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      long before = THREADS.getCurrentThreadCpuTime();
      action.run();
      best = Math.min(best, THREADS.getCurrentThreadCpuTime() - before);
    }
    return best / 1_000_000;
  }
}
