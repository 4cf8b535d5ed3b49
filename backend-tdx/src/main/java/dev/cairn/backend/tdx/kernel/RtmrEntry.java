package dev.cairn.backend.tdx.kernel;

import dev.cairn.linux.Descriptor;
import dev.cairn.linux.ErrnoException;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An entry of {@code tsm/rtmrs} that is bound to a register. A written digest is committed at
 * close, and close returns 0 whatever comes of it: only the value shows what happened.
 *
 * <pre>
 * value after the close is   so
 * H(old ‖ digest)            extended
 * old                        lost; written again after a pause, at most so often
 * anything else              unknown: somebody else has extended it
 * </pre>
 *
 * The value is read from the hardware after every commit through this entry; an extend that
 * somebody makes by another way shows only then.
 *
 * @see "the RFC 'tsm: Runtime measurement registers ABI' v2; Linux 7.3 fs/configfs/file.c
 *     (configfs_release_bin_file)"
 */
final class RtmrEntry {
  private static final HashAlgorithm ALGORITHM = HashAlgorithm.SHA384;
  private static final int MOST_BYTES = 64;

  private final RegisterId id;
  private final Path digestFile;
  private final Hasher hasher;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(MOST_BYTES);
  private @Nullable Digest last; // what it held after our last extend

  RtmrEntry(RegisterId id, Path folder, Hasher hasher) {
    this.id = id;
    this.digestFile = folder.resolve("digest");
    this.hasher = hasher;
  }

  /** Opens it for writing and closes it without: that commits nothing. */
  void claim() throws BackendException {
    try {
      Descriptor.open(digestFile, Descriptor.O_WRONLY).close();
    } catch (ErrnoException e) {
      throw Refusals.claim(id, e);
    }
  }

  Digest read() throws BackendException {
    Pauses pauses = Pauses.forBusy();
    while (true) {
      try {
        return readOnce();
      } catch (ErrnoException e) {
        if (!(Refusals.isMomentary(e.errno()) && pauses.again())) {
          throw Refusals.read(id, pauses.attempts() + " attempts", e);
        }
      }
    }
  }

  /** On a fresh descriptor, for an open one keeps what it has read first. */
  private Digest readOnce() throws ErrnoException, BackendException {
    int count;
    try (Descriptor file = Descriptor.open(digestFile, Descriptor.O_RDONLY)) {
      count = file.read(buffer.clear(), 0);
    }
    if (count != ALGORITHM.sizeBytes()) {
      throw Refusals.read(
          id, "%s: %d bytes, needs %d".formatted(digestFile, count, ALGORITHM.sizeBytes()), null);
    }
    byte[] value = new byte[count];
    buffer.flip().get(value);
    return new Digest(ALGORITHM, Bytes.owning(value));
  }

  void extend(Digest digest) throws BackendException {
    Digest old = last == null ? read() : last;
    last = null;
    Digest extended = hasher.extend(old, digest);
    Pauses pauses = Pauses.forLost();
    while (true) {
      IOException refusal = write(digest);
      Digest now = judge(old, extended);
      if (now.equals(old)) {
        // a child forked while the file was open delays the commit until it executes its program
        boolean again = pauses.again();
        now = judge(old, extended);
        if (now.equals(old) && !again) {
          throw lost(pauses.attempts(), refusal);
        }
      }
      if (now.equals(extended)) {
        last = now;
        return;
      }
    }
  }

  /** Writes it with one call, and closes; returns what speaks against a success, if anything. */
  private @Nullable IOException write(Digest digest) throws BackendException {
    Descriptor file;
    try {
      file = Descriptor.open(digestFile, Descriptor.O_WRONLY);
    } catch (ErrnoException e) {
      throw Refusals.notExtended(id, "cannot be opened for writing", e);
    }
    try (file) {
      digest.value().copyTo(buffer.clear());
      file.write(buffer.flip());
      return null;
    } catch (ErrnoException e) {
      return e; // close has committed all the same: the value decides
    }
  }

  /** Returns the value, which is one of the two. */
  private Digest judge(Digest old, Digest extended) throws BackendException {
    Digest now;
    try {
      now = read();
    } catch (BackendException e) {
      throw Refusals.unknown(id, "written, and the value cannot be read", e);
    }
    if (!now.equals(old) && !now.equals(extended)) {
      throw Refusals.unknown(
          id,
          "the register holds neither the old nor the new value: somebody else extends it",
          null);
    }
    return now;
  }

  private BackendException lost(int attempts, @Nullable IOException refusal) {
    return Refusals.notExtended(
        id,
        "%s: written %d times, and the register stays as it is; this interface never says why"
            .formatted(digestFile, attempts),
        refusal);
  }
}
