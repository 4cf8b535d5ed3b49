package dev.cairn.store;

import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * One file of the log with its companions. They are named after the position of its first record,
 * in 20 digits: {@code .cel} is the log itself, {@code .idx} and {@code .ckp} are derived from it.
 *
 * @param directory of the epoch
 * @param basePosition position of its first record
 * @param baseOffset offset of its first byte in the whole log
 */
record Segment(Path directory, long basePosition, long baseOffset) {
  static final String LOG_SUFFIX = ".cel";
  private static final int NAME_DIGITS = 20;
  private static final Pattern NAME = Pattern.compile("0[0-8][0-9]{18}\\.cel");

  Path log() {
    return file(LOG_SUFFIX);
  }

  Path index() {
    return file(".idx");
  }

  Path checkpoints() {
    return file(".ckp");
  }

  private Path file(String suffix) {
    return directory.resolve("%020d%s".formatted(basePosition, suffix));
  }

  /** Returns the base position that the name of a {@code .cel} says; nothing for other names. */
  static OptionalLong positionIn(String fileName) {
    if (!NAME.matcher(fileName).matches()) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(Long.parseLong(fileName.substring(0, NAME_DIGITS)));
  }
}
