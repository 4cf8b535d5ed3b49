package dev.cairn.backend.tpm.quote;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.measure.RegisterId;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Signs what a TPM would sign, and what none would: with a key of the Java runtime, encoded from
 * the tables of the specification and not with the code under test.
 */
final class SoftTpm {
  /** fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, noDA, restricted, sign. */
  static final int ATTRIBUTES = 0x0005_0472;

  static final int RSASSA = 0x0014;
  static final int RSAPSS = 0x0016;
  static final int ECDSA = 0x0018;

  final KeyPair keys;
  private final HashAlgorithm hash;

  // what the next quote says
  int scheme;
  int saltBytes;
  int magic = 0xFF54_4347;
  int type = 0x8018;
  int attributes = ATTRIBUTES;
  Bytes nonce = Bytes.filled(32, 0x4E);
  List<Pcrs> selection = List.of(new Pcrs(HashAlgorithm.SHA256, List.of(11, 12)));

  /** Some PCRs of one bank, in the order of the selection list. */
  record Pcrs(HashAlgorithm bank, List<Integer> numbers) {}

  private SoftTpm(KeyPair keys, int scheme, HashAlgorithm hash) {
    this.keys = keys;
    this.scheme = scheme;
    this.hash = hash;
  }

  static SoftTpm ecc(String curve, HashAlgorithm hash) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(curve));
      return new SoftTpm(generator.generateKeyPair(), ECDSA, hash);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static SoftTpm rsa(int bits, HashAlgorithm hash) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(bits);
      return new SoftTpm(generator.generateKeyPair(), RSASSA, hash);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns a quote of values made from {@code seed}. */
  Quote quote(long seed) {
    return quote(values(seed));
  }

  Quote quote(Map<RegisterId, DigestSet> values) {
    byte[] attest = attest(values);
    return Quote.of(
        "tpm2",
        Map.of(
            "attest",
            Bytes.copyOf(attest),
            "signature",
            Bytes.owning(signature(attest)),
            "public",
            Bytes.owning(publicArea())),
        values);
  }

  /** Makes a value for everything that is selected. */
  Map<RegisterId, DigestSet> values(long seed) {
    Random random = new Random(seed);
    Map<RegisterId, List<Digest>> digests = new TreeMap<>();
    for (Pcrs pcrs : selection) {
      for (int pcr : pcrs.numbers()) {
        byte[] value = new byte[pcrs.bank().sizeBytes()];
        random.nextBytes(value);
        digests
            .computeIfAbsent(RegisterId.pcr(pcr), id -> new ArrayList<>())
            .add(new Digest(pcrs.bank(), Bytes.owning(value)));
      }
    }
    Map<RegisterId, DigestSet> values = new TreeMap<>();
    digests.forEach((id, list) -> values.put(id, DigestSet.of(list)));
    return values;
  }

  private byte[] attest(Map<RegisterId, DigestSet> values) {
    return encode(
        out -> {
          out.writeInt(magic);
          out.writeShort(type);
          sized(out, encode(name -> name.write(filled(34, 0x0B))));
          sized(out, nonce.toArray());
          out.writeLong(123_456);
          out.writeInt(7);
          out.writeInt(2);
          out.writeByte(1);
          out.writeLong(0x2019_1023_0016_3636L);
          out.writeInt(selection.size());
          var digest = hash.newDigest();
          for (Pcrs pcrs : selection) {
            out.writeShort(pcrs.bank().tpmId());
            out.writeByte(3);
            byte[] bitmap = new byte[3];
            for (int pcr : pcrs.numbers()) {
              bitmap[pcr / 8] |= (byte) (1 << pcr % 8);
            }
            out.write(bitmap);
            pcrs.numbers().stream()
                .sorted()
                .map(RegisterId::pcr)
                .map(id -> values.getOrDefault(id, DigestSet.EMPTY).get(pcrs.bank()).orElseThrow())
                .forEach(value -> value.value().feed(digest));
          }
          sized(out, digest.digest());
        });
  }

  private byte[] publicArea() {
    return encode(
        out -> {
          out.writeShort(scheme == ECDSA ? 0x0023 : 0x0001);
          out.writeShort(HashAlgorithm.SHA256.tpmId());
          out.writeInt(attributes);
          out.writeShort(0);
          out.writeShort(0x0010);
          out.writeShort(scheme);
          out.writeShort(hash.tpmId());
          if (keys.getPublic() instanceof ECPublicKey key) {
            int bytes = key.getParams().getOrder().bitLength() / 8;
            out.writeShort(bytes == 32 ? 0x0003 : 0x0004);
            out.writeShort(0x0010);
            sized(out, fixed(key.getW().getAffineX(), bytes));
            sized(out, fixed(key.getW().getAffineY(), bytes));
          } else {
            BigInteger modulus = ((RSAPublicKey) keys.getPublic()).getModulus();
            out.writeShort(modulus.bitLength());
            out.writeInt(0);
            sized(out, fixed(modulus, modulus.bitLength() / 8));
          }
        });
  }

  private byte[] signature(byte[] attest) {
    boolean ecc = scheme == ECDSA;
    try {
      Signature signer =
          Signature.getInstance(
              scheme == RSAPSS
                  ? "RSASSA-PSS"
                  : hash.name() + (ecc ? "withECDSAinP1363Format" : "withRSA"));
      if (scheme == RSAPSS) {
        String name = "SHA-" + 8 * hash.sizeBytes();
        signer.setParameter(
            new PSSParameterSpec(name, "MGF1", new MGF1ParameterSpec(name), saltBytes, 1));
      }
      signer.initSign(keys.getPrivate());
      signer.update(attest);
      byte[] signature = signer.sign();
      return encode(
          out -> {
            out.writeShort(scheme);
            out.writeShort(hash.tpmId());
            int half = ecc ? signature.length / 2 : signature.length;
            sized(out, Arrays.copyOf(signature, half));
            if (ecc) {
              sized(out, Arrays.copyOfRange(signature, half, signature.length));
            }
          });
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns {@code number} in exactly {@code bytes} bytes. */
  static byte[] fixed(BigInteger number, int bytes) {
    byte[] signed = number.toByteArray();
    byte[] result = new byte[bytes];
    int length = Math.min(signed.length, bytes);
    System.arraycopy(signed, signed.length - length, result, bytes - length, length);
    return result;
  }

  static void sized(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeShort(bytes.length);
    out.write(bytes);
  }

  private static byte[] filled(int length, int filler) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) filler);
    return bytes;
  }

  interface Encoder {
    void writeTo(DataOutputStream out) throws IOException;
  }

  static byte[] encode(Encoder encoder) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      encoder.writeTo(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
