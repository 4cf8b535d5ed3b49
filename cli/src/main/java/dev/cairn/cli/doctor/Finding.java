package dev.cairn.cli.doctor;

/**
 * One thing that was looked at.
 *
 * @param area {@code java}, {@code state}, {@code device}, {@code service}
 * @param subject what, in a word or a path
 * @param level how good it is
 * @param text what was found and, where something is wrong, the remedy
 */
public record Finding(String area, String subject, Level level, String text) {
  /** How good a finding is. */
  public enum Level {
    /** As it should be. */
    GOOD,
    /** Neither good nor bad, e.g. hardware that is not there. */
    NOTE,
    /** Works, but not as well as it could. */
    WARNING,
    /** Does not work. */
    BAD
  }
}
