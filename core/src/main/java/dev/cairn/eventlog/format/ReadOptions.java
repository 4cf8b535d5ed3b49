package dev.cairn.eventlog.format;

import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import org.jspecify.annotations.Nullable;

/**
 * What a caller knows about a log that its bytes do not say, and what it accepts.
 *
 * @param format null to recognise it
 * @param kind what the indices of a {@link LogFormat#TCG2} log are; null to take it from its header
 * @param bank whose digests a {@link LogFormat#IMA} list holds; null to find out
 * @param limits of what is read
 */
public record ReadOptions(
    @Nullable LogFormat format,
    RegisterId.@Nullable Kind kind,
    @Nullable HashAlgorithm bank,
    Limits limits) {
  /** Nothing known, {@link Limits#DEFAULT}. */
  public static final ReadOptions DEFAULT = new ReadOptions(null, null, null, Limits.DEFAULT);

  /** Returns these options with a known format. */
  public ReadOptions withFormat(LogFormat known) {
    return new ReadOptions(known, kind, bank, limits);
  }

  /** Returns these options with a known kind of register. */
  public ReadOptions withKind(RegisterId.Kind known) {
    return new ReadOptions(format, known, bank, limits);
  }

  /** Returns these options with a known bank. */
  public ReadOptions withBank(HashAlgorithm known) {
    return new ReadOptions(format, kind, known, limits);
  }

  /** Returns these options with other limits. */
  public ReadOptions withLimits(Limits others) {
    return new ReadOptions(format, kind, bank, others);
  }
}
