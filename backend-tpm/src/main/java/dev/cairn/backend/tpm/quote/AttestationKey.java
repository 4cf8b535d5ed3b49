package dev.cairn.backend.tpm.quote;

import dev.cairn.backend.tpm.command.Hierarchy;
import dev.cairn.backend.tpm.command.PcrSelection;
import dev.cairn.backend.tpm.command.PrimaryKey;
import dev.cairn.backend.tpm.command.ResponseCode;
import dev.cairn.backend.tpm.command.SignedAttest;
import dev.cairn.backend.tpm.command.Tpm;
import dev.cairn.backend.tpm.command.TpmException;
import dev.cairn.backend.tpm.command.TpmPublic;
import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The key that signs, in the TPM. It is loaded when it is needed first and stays; where the TPM has
 * lost it (reset, a new connection behind a resource manager), it is loaded once more.
 *
 * <p>Belongs to the thread of its {@link Tpm}.
 */
final class AttestationKey implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AttestationKey.class);

  /**
   * Where the RSA endorsement key is, if it was made persistent.
   *
   * @see "TCG TPM v2.0 Provisioning Guidance 1.0, table 2"
   */
  private static final int ENDORSEMENT_KEY = 0x8101_0001;

  private static final int TRANSIENT = 0x8000_0000;
  private static final int HANDLE_TYPE_SHIFT = 24;

  private final Tpm tpm;
  private final KeySetting setting;
  private @Nullable Loaded loaded;

  AttestationKey(Tpm tpm, KeySetting setting) {
    this.tpm = tpm;
    this.setting = setting;
  }

  /**
   * A key that can be used now.
   *
   * @param handle in the TPM
   * @param area what it is
   * @param parts what vouches for it, by the name of the part
   */
  record Loaded(int handle, PublicArea area, SortedMap<String, Bytes> parts) {}

  /**
   * Returns the key, loaded.
   *
   * @throws BackendException if there is none that can sign quotes
   */
  Loaded load() throws BackendException, TpmException {
    Loaded known = loaded;
    if (known == null) {
      known = find();
      loaded = known;
    }
    return known;
  }

  /** Has {@code selection} signed; with the key loaded once more where the TPM has lost it. */
  SignedAttest quote(Bytes nonce, PcrSelection selection) throws BackendException, TpmException {
    try {
      return tpm.quote(load().handle(), nonce, selection);
    } catch (TpmException e) {
      if (e.code().isEmpty()) {
        loaded = null; // the connection is lost, and behind a resource manager the key with it
      }
      if (!e.is(ResponseCode.REFERENCE_H0) && !e.is(ResponseCode.HANDLE_1)) {
        throw e;
      }
    }
    loaded = null;
    return tpm.quote(load().handle(), nonce, selection);
  }

  private Loaded find() throws BackendException, TpmException {
    if (setting.origin() instanceof KeySetting.Origin.Persistent persistent) {
      return persistent(persistent.handle());
    }
    PrimaryKey key = tpm.createPrimary(Hierarchy.ENDORSEMENT, template());
    flushDoubles(key);
    return usable(key.handle(), key.area());
  }

  private Loaded persistent(int handle) throws BackendException, TpmException {
    TpmPublic found =
        tpm.readPublic(handle)
            .orElseThrow(
                () ->
                    refusal(
                        "there is no key 0x%08x in this TPM: make one persistent (tpm2_evictcontrol), or let Cairn make one with 'ecc'"
                            .formatted(handle)));
    return usable(handle, found.area());
  }

  private Bytes template() throws BackendException, TpmException {
    if (setting.origin() instanceof KeySetting.Origin.TemplateIn in) {
      return tpm.nvRead(in.nvIndex())
          .orElseThrow(() -> refusal(missing(in.nvIndex(), "no template of an attestation key")));
    }
    return ((KeySetting.Origin.Template) setting.origin()).area();
  }

  /**
   * A TPM without a resource manager still holds the key that an earlier process of ours left, and
   * has room for three. The same Name in the same TPM is the same key.
   */
  private void flushDoubles(PrimaryKey key) throws TpmException {
    for (int handle : tpm.handles(TRANSIENT)) {
      if (handle != key.handle()
          && tpm.readPublic(handle).filter(other -> other.name().equals(key.name())).isPresent()) {
        tpm.flush(handle);
      }
    }
  }

  private Loaded usable(int handle, Bytes encoded) throws BackendException, TpmException {
    PublicArea area;
    try {
      area = PublicArea.parse(encoded);
    } catch (MalformedEvidenceException e) {
      throw refusal("key 0x%08x cannot sign quotes: %s".formatted(handle, e.getMessage()));
    }
    List<String> objections = new ArrayList<>(area.attributes().objections());
    if (area.scheme().filter(SigningScheme::isAccepted).isEmpty()) {
      objections.add(
          "it signs with %s, which no verifier should accept: needs sha256, sha384 or sha512"
              .formatted(area.scheme().map(SigningScheme::toString).orElse("any scheme")));
    }
    if (!objections.isEmpty()) {
      throw refusal(
          "key 0x%08x would sign quotes that prove nothing: %s"
              .formatted(handle, String.join("; ", objections)));
    }
    return new Loaded(handle, area, parts());
  }

  private SortedMap<String, Bytes> parts() throws BackendException, TpmException {
    SortedMap<String, Bytes> parts = new TreeMap<>();
    for (Map.Entry<String, Integer> part : setting.required().entrySet()) {
      Optional<Bytes> content = tpm.nvRead(part.getValue());
      parts.put(
          part.getKey(),
          content.orElseThrow(() -> refusal(missing(part.getValue(), "no " + part.getKey()))));
    }
    for (Map.Entry<String, Integer> part : setting.optional().entrySet()) {
      tpm.nvRead(part.getValue()).ifPresent(content -> parts.put(part.getKey(), content));
    }
    tpm.readPublic(ENDORSEMENT_KEY).ifPresent(key -> parts.put("ek_public", key.area()));
    Bytes certificate = parts.get(CertificateCheck.PART);
    if (certificate != null) {
      parts.put(CertificateCheck.PART, withoutPadding(certificate));
    }
    return parts;
  }

  /** An NV index may be longer than the certificate in it. */
  private Bytes withoutPadding(Bytes padded) throws BackendException {
    try {
      return CertificateCheck.first(padded);
    } catch (MalformedEvidenceException e) {
      throw refusal("NV index of the certificate: " + e.getMessage());
    }
  }

  private static String missing(int nvIndex, String what) {
    return "NV index 0x%08x does not exist, so there is %s: is this such a VM?"
        .formatted(nvIndex, what);
  }

  private BackendException refusal(String why) {
    return new BackendException(
        null,
        Outcome.NOT_EXECUTED,
        "quote",
        "attestation key '%s': %s".formatted(setting, why),
        null);
  }

  /** Unloads a key that was made. Where that fails the next process does it. */
  @Override
  public void close() {
    Loaded key = loaded;
    loaded = null;
    if (key != null && key.handle() >>> HANDLE_TYPE_SHIFT == TRANSIENT >>> HANDLE_TYPE_SHIFT) {
      try {
        tpm.flush(key.handle());
      } catch (TpmException e) {
        LOG.debug("{}: the attestation key stays loaded: {}", tpm.address(), e.getMessage());
      }
    }
  }
}
