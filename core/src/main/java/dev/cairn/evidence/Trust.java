package dev.cairn.evidence;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;

/**
 * Whom a verifier believes.
 *
 * @param authorities whose certificates count: each is trusted by itself, and no others are. None:
 *     those that a verifier knows by itself (TDX: Intel's root; TPM: none, its chains are not
 *     followed)
 * @param time when certificates have to be valid
 */
public record Trust(List<X509Certificate> authorities, InstantSource time) {
  /** What a verifier knows by itself, now. */
  public static final Trust DEFAULT = new Trust(List.of(), Clock.systemUTC());

  /** Copies the list. */
  public Trust {
    authorities = List.copyOf(authorities);
  }
}
