package dev.cairn.eventlog.cel;

/** Whether a float has no shorter form of the same value. The one NaN is 0x7E00. */
final class CborFloats {
  private static final int HALF_NAN = 0x7E00;
  private static final int HALF_INFINITY = 0x7C00;
  private static final int HALF_MAGNITUDE = 0x7FFF;
  private static final int HALF_MIN_EXPONENT = -14;
  private static final int HALF_MAX_EXPONENT = 15;
  private static final int HALF_FRACTION = 10;
  private static final int SINGLE_FRACTION = 23;
  private static final int LOST = SINGLE_FRACTION - HALF_FRACTION;

  private CborFloats() {}

  static boolean isShortestHalf(int bits) {
    return (bits & HALF_MAGNITUDE) <= HALF_INFINITY || bits == HALF_NAN;
  }

  static boolean isShortestSingle(int bits) {
    float value = Float.intBitsToFloat(bits);
    return !Float.isNaN(value) && !fitsHalf(value);
  }

  static boolean isShortestDouble(long bits) {
    double value = Double.longBitsToDouble(bits);
    return !Double.isNaN(value) && (double) (float) value != value;
  }

  private static boolean fitsHalf(float value) {
    if (value == 0 || Float.isInfinite(value)) {
      return true;
    }
    int exponent = Math.getExponent(value);
    if (exponent > HALF_MAX_EXPONENT || exponent < HALF_MIN_EXPONENT - HALF_FRACTION) {
      return false;
    }
    int lost = LOST + Math.max(0, HALF_MIN_EXPONENT - exponent); // subnormals have fewer bits
    int significand =
        (Float.floatToRawIntBits(value) & ((1 << SINGLE_FRACTION) - 1)) | (1 << SINGLE_FRACTION);
    return (significand & ((1 << lost) - 1)) == 0;
  }
}
