package dev.cairn.service;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.service.ExtendException.Reason;
import dev.cairn.store.EpochLog;
import dev.cairn.store.KeyEntry;
import dev.cairn.store.KeyJournal;
import dev.cairn.store.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Receipts, the first and the repeated. The sequencer's thread only. */
final class Receipts implements AutoCloseable {
  private final EpochLog log;
  private final KeyJournal keys;

  /** Opens the keys of the committed records; those of others are forgotten. */
  Receipts(EpochLog log) throws IOException {
    this.log = log;
    this.keys = log.openKeys(log.committedPosition());
  }

  /**
   * Returns the key of {@code request}: a hash of its text, and a hash of all that must be the same
   * for a retry. Any thread that owns {@code hasher}.
   */
  static Job.Key key(Hasher hasher, String text, ExtendRequest request) {
    Bytes hash = hasher.hash(HashAlgorithm.SHA256, Bytes.owning(text.getBytes(UTF_8))).value();
    MessageDigest digest = hasher.digestOf(HashAlgorithm.SHA256);
    byte[] register = request.register().name().getBytes(UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(register.length).array());
    digest.update(register);
    digest.update(
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
            .putLong(request.event().claimedEventType())
            .putInt(request.event().data().length())
            .array());
    request.event().data().feed(digest);
    if (request.digests().isPresent()) {
      for (Digest given : request.digests().get()) {
        digest.update((byte) given.algorithm().tpmId());
        given.value().feed(digest);
      }
    }
    return new Job.Key(hash, Bytes.owning(digest.digest()));
  }

  /** Answers {@code job} if its key was used before; false if it was not. */
  boolean answer(Job.Extend job) {
    Job.Key key = job.key;
    if (key == null) {
      return false;
    }
    Optional<KeyEntry> known = keys.find(key.hash());
    if (known.isEmpty()) {
      return false;
    }
    if (!known.get().requestHash().equals(key.requestHash())) {
      job.fail(
          new ExtendException(
              Reason.KEY_REUSED,
              job.register,
              "the idempotency key was used with another event: use a new key for a new event"));
      return true;
    }
    try {
      job.answer.complete(repeated(known.get().position()));
    } catch (IOException e) {
      job.fail(
          new ExtendException(
              Reason.STORAGE_ERROR,
              job.register,
              "logged at position %d, which cannot be read: %s"
                  .formatted(known.get().position(), e.getMessage()),
              e));
    }
    return true;
  }

  private Receipt repeated(long position) throws IOException {
    try (CommittedLog committed =
            new CommittedLog(
                log.id(),
                log.header().startValues(),
                log.header().startValues().keySet(),
                log.snapshot(),
                new KnownPoints());
        EventReader reader = committed.read(position)) {
      EventRecord record = reader.next();
      DigestSet value =
          record == null ? null : committed.valuesBefore(position + 1).get(record.register());
      if (record == null || value == null) {
        throw new IOException("no record at position " + position);
      }
      return new Receipt(
          record.register(), record.recnum(), position, record.digests(), value, log.id(), true);
    }
  }

  /** Returns the receipt of an event that was extended just now. */
  Receipt receipt(Framed done) {
    EventRecord record = done.record();
    return new Receipt(
        record.register(),
        record.recnum(),
        done.position(),
        record.digests(),
        done.after(),
        log.id(),
        false);
  }

  /**
   * Makes the keys of {@code framed} durable; costs nothing where there are none.
   *
   * @throws StorageException if that fails
   */
  void remember(List<Framed> framed) throws StorageException {
    List<KeyEntry> entries = entries(framed);
    if (!entries.isEmpty()) {
      keys.append(entries);
    }
  }

  /**
   * Replaces the end of the log together with the keys of its records.
   *
   * @param records what stands from {@code position} on afterwards
   * @param own those of {@code records} that have callers, and others before them
   * @throws StorageException as {@link EpochLog#replaceTail}
   */
  void replaceTail(long position, List<EventRecord> records, List<Framed> own)
      throws StorageException, UnrepresentableRecordException {
    List<Framed> moved = own.stream().filter(f -> f.position() >= position).toList();
    log.replaceTail(position, records, keys, entries(moved));
  }

  private static List<KeyEntry> entries(List<Framed> framed) {
    List<KeyEntry> entries = new ArrayList<>();
    long now = System.currentTimeMillis();
    for (Framed f : framed) {
      Job.Key key = f.job().key;
      if (key != null) {
        entries.add(new KeyEntry(f.position(), now, key.hash(), key.requestHash()));
      }
    }
    return entries;
  }

  /**
   * Forgets the keys of records at {@code position} and behind it.
   *
   * @throws StorageException if that fails
   */
  void forget(long position) throws StorageException {
    keys.truncate(position);
  }

  @Override
  public void close() throws IOException {
    keys.close();
  }
}
