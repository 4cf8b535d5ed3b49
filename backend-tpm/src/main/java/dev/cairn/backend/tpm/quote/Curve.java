package dev.cairn.backend.tpm.quote;

import dev.cairn.evidence.MalformedEvidenceException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;

/**
 * The curves of attestation keys.
 *
 * @see "TCG Algorithm Registry, TPM_ECC_CURVE"
 */
enum Curve {
  P256(0x0003, "secp256r1"),
  P384(0x0004, "secp384r1");

  private final int tpmId;
  private final String javaName;

  Curve(int tpmId, String javaName) {
    this.tpmId = tpmId;
    this.javaName = javaName;
  }

  static Curve read(PartReader in) throws MalformedEvidenceException {
    int id = in.u16("curve");
    for (Curve curve : values()) {
      if (curve.tpmId == id) {
        return curve;
      }
    }
    throw in.refuse("curve 0x%04x, needs 0x0003 (P-256) or 0x0004 (P-384)".formatted(id));
  }

  ECParameterSpec parameters() {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec(javaName));
      return parameters.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java runtime has no " + javaName, e);
    }
  }
}
