package dev.cairn.http;

import dev.cairn.eventlog.LogFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The formats that the log is served in, best first, and their media types; and what a client's
 * {@code Accept} makes of them.
 *
 * @see "RFC 9110, 12.5.1 Accept"
 */
final class LogMediaTypes {
  /** A format under one of its names. */
  record Offer(LogFormat format, String mediaType) {}

  private static final List<Offer> OFFERS =
      List.of(
          new Offer(LogFormat.CEL_TLV, "application/vnd.tcg.cel-tlv"),
          new Offer(LogFormat.CEL_TLV, "application/octet-stream"),
          new Offer(LogFormat.CEL_JSON, "application/json"),
          new Offer(LogFormat.CEL_JSON_SEQ, "application/json-seq"),
          new Offer(LogFormat.CEL_CBOR, "application/cbor"),
          new Offer(LogFormat.CEL_CBOR_SEQ, "application/cbor-seq"),
          new Offer(LogFormat.TCG2, "application/vnd.tcg.tcg2"));

  private static final int MOST_RANGES = 32;

  private LogMediaTypes() {}

  /** Returns all labels, as they are given in {@code ?format=}. */
  static List<String> labels() {
    return OFFERS.stream().map(offer -> offer.format().label()).distinct().toList();
  }

  /** Returns the format with this label under its first name, or nothing if it is not served. */
  static Optional<Offer> ofLabel(String label) {
    for (Offer offer : OFFERS) {
      if (offer.format().label().equals(label)) {
        return Optional.of(offer);
      }
    }
    return Optional.empty();
  }

  /**
   * Returns what {@code accept} likes best, or nothing if it likes nothing that there is. Of equals
   * the first in the list wins.
   *
   * @param accept all values of the header, or null for anything
   */
  static Optional<Offer> negotiate(@Nullable String accept) {
    if (accept == null || accept.isBlank()) {
      return Optional.of(OFFERS.get(0));
    }
    List<MediaRange> ranges = new ArrayList<>();
    for (String text : accept.toLowerCase(Locale.ROOT).split(",", MOST_RANGES)) {
      ranges.add(MediaRange.parse(text));
    }
    Offer best = null;
    double bestQuality = 0;
    for (Offer offer : OFFERS) {
      double quality = quality(offer.mediaType(), ranges);
      if (quality > bestQuality) {
        best = offer;
        bestQuality = quality;
      }
    }
    return Optional.ofNullable(best);
  }

  private static double quality(String mediaType, List<MediaRange> ranges) {
    int specificity = 0;
    double quality = 0;
    for (MediaRange range : ranges) {
      int match = range.match(mediaType);
      if (match > specificity) {
        specificity = match;
        quality = range.quality;
      }
    }
    return quality;
  }

  /** One element of Accept; what cannot be read matches nothing. */
  private record MediaRange(String range, double quality) {
    static MediaRange parse(String text) {
      String[] parts = text.split(";", 8);
      double quality = 1;
      for (int i = 1; i < parts.length; i++) {
        String parameter = parts[i].strip();
        if (parameter.startsWith("q=")) {
          try {
            quality = Math.max(0, Math.min(1, Double.parseDouble(parameter.substring(2))));
          } catch (NumberFormatException e) {
            return new MediaRange("", 0);
          }
        }
      }
      return new MediaRange(parts[0].strip(), Double.isNaN(quality) ? 0 : quality);
    }

    /** Returns 3 for the type itself, 2 for its family, 1 for anything, 0 for no match. */
    int match(String mediaType) {
      if (range.equals(mediaType)) {
        return 3;
      }
      if (range.endsWith("/*") && !range.startsWith("*")) {
        return mediaType.startsWith(range.substring(0, range.length() - 1)) ? 2 : 0;
      }
      return range.equals("*/*") ? 1 : 0;
    }
  }
}
