package dev.cairn.replay;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;

/**
 * What a register holds before anything extends it.
 *
 * @see "TCG PC Client Platform TPM Profile, PCR reset values; PFP 1.06, StartupLocality, H-CRTM"
 */
final class StartValues {
  private static final int FIRST_DYNAMIC = 17;
  private static final int LAST_DYNAMIC = 22;

  private final boolean ones;
  private int locality;

  StartValues(RegisterId register) {
    ones =
        register.kind() == RegisterId.Kind.PCR
            && register.index() >= FIRST_DYNAMIC
            && register.index() <= LAST_DYNAMIC;
  }

  /** Sets the locality of TPM2_Startup, which PCR 0 shows in its last byte; 4 after an H-CRTM. */
  void locality(int startupLocality) {
    locality = startupLocality;
  }

  Bytes of(HashAlgorithm bank) {
    byte[] value = Bytes.filled(bank.sizeBytes(), ones ? 0xFF : 0).toArray();
    if (locality != 0) {
      value[value.length - 1] = (byte) locality;
    }
    return Bytes.owning(value);
  }
}
