package dev.cairn.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * The vectors of third parties, which lie beside the checkout and never in it. In CI their absence
 * fails the run; elsewhere the tests that need them are skipped and say so.
 */
public final class Vectors {
  private static final Path ROOT =
      Path.of(System.getProperty("cairn.vectors", "../../shared/vectors")).normalize();

  private Vectors() {}

  /** Returns the path of {@code name}, e.g. {@code tcg2/glinux-alex.bin}. */
  public static Path path(String name) {
    if (!Files.isDirectory(ROOT)) {
      String message =
          "NO VECTORS: " + ROOT.toAbsolutePath() + " is not there; nothing was checked";
      if ("true".equals(System.getenv("CI"))) {
        throw new AssertionError(message);
      }
      System.err.println(message);
      Assumptions.abort(message);
    }
    return ROOT.resolve(name);
  }

  /** Returns the bytes of {@code name}. */
  public static byte[] bytes(String name) {
    try {
      return Files.readAllBytes(path(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
