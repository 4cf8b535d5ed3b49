package dev.cairn.http;

import org.jspecify.annotations.Nullable;

/**
 * Comparison of validators.
 *
 * @see "RFC 9110, 8.8.3.2 Comparison; 13.1.2 If-None-Match; 13.1.5 If-Range"
 */
final class EntityTags {
  private EntityTags() {}

  /** Returns whether If-None-Match names {@code current}, compared weakly: then 304. */
  static boolean noneMatchNames(@Nullable String header, String current) {
    if (header == null) {
      return false;
    }
    for (String tag : header.split(",", 64)) {
      String stripped = tag.strip();
      if (stripped.equals("*")
          || (stripped.startsWith("W/") ? stripped.substring(2) : stripped).equals(current)) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether a Range counts: no If-Range, or one that is exactly {@code current}. */
  static boolean rangeApplies(@Nullable String ifRange, String current) {
    return ifRange == null || ifRange.strip().equals(current);
  }
}
