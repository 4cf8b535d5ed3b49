package dev.cairn.foreign;

import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.ImaTlv;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.eventlog.ima.ImaBinary;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A measured record of a foreign log, and what it extended.
 *
 * <p>An IMA list shows one bank; the kernel extended the others with their own hash of the same
 * template, or with the SHA-1 digest padded with zeros, and nothing in the list says which.
 *
 * @param place among the records of its register in the log
 * @param content what it says has happened
 * @param digests in every active bank of the register; empty where the log lacks one
 * @param padded the same by the second rule of IMA; null where there is but one
 * @param missing the bank that it lacks; null where it lacks none
 */
record Candidate(
    long place,
    EventContent content,
    DigestSet digests,
    @Nullable DigestSet padded,
    @Nullable HashAlgorithm missing) {

  static Candidate of(EventRecord record, List<HashAlgorithm> banks, long place) {
    Optional<Bytes> template =
        record.content() instanceof ImaTemplate ima ? ImaBinary.hashInput(ima) : Optional.empty();
    boolean violation = ImaBinary.isViolation(record);
    List<Digest> own = new ArrayList<>(banks.size());
    List<Digest> padded = new ArrayList<>(banks.size());
    boolean derived = false;
    for (HashAlgorithm bank : banks) {
      Digest shown = record.digests().find(bank);
      if (violation) {
        own.add(new Digest(bank, Bytes.filled(bank.sizeBytes(), 0xFF)));
        padded.add(own.get(own.size() - 1));
      } else if (shown != null) {
        own.add(shown);
        padded.add(shown);
      } else if (template.isPresent()) {
        own.add(bank.hash(template.get()));
        padded.add(padded(bank, template.get()));
        derived = true;
      } else {
        return new Candidate(place, record.content(), DigestSet.EMPTY, null, bank);
      }
    }
    return new Candidate(
        place, record.content(), DigestSet.of(own), derived ? DigestSet.of(padded) : null, null);
  }

  private static Digest padded(HashAlgorithm bank, Bytes template) {
    byte[] bytes = new byte[bank.sizeBytes()];
    HashAlgorithm.SHA1.hash(template).value().copyTo(bytes, 0);
    return new Digest(bank, Bytes.owning(bytes));
  }

  /** Returns the digest of {@code bank} by one of the two rules, or null if the log lacks it. */
  @Nullable Digest find(HashAlgorithm bank, boolean byPadding) {
    return (byPadding && padded != null ? padded : digests).find(bank);
  }

  /** Returns how many bytes the content holds. */
  int size() {
    if (content instanceof ImaTemplate template) {
      return template.data().length();
    }
    if (content instanceof PcClientEvent event) {
      return event.data().length();
    }
    if (content instanceof SystemdEvent event) {
      return event.text().length();
    }
    if (content instanceof ImaTlv ima) {
      return ima.tlvs().length();
    }
    return content instanceof OpaqueContent opaque ? opaque.bytes().length() : 0;
  }
}
