package dev.cairn.service;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.ForeignEvent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.TaggedEvent;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.ExtendException.Reason;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What an event has to be before it is queued: all that can be said without device and log. */
final class Admission {
  private final String backend;
  private final Map<RegisterId, RegisterDescriptor> descriptors;
  private final int maxEventBytes;
  private final ThreadLocal<Hasher> hashers;

  /**
   * Makes one; any thread may use it.
   *
   * @param backend its name, for people
   * @param hashers of the caller's thread
   */
  Admission(
      String backend,
      Map<RegisterId, RegisterDescriptor> descriptors,
      int maxEventBytes,
      ThreadLocal<Hasher> hashers) {
    this.backend = backend;
    this.descriptors = new TreeMap<>(descriptors);
    this.maxEventBytes = maxEventBytes;
    this.hashers = hashers;
  }

  /**
   * Returns the digests that {@code request} extends its register with.
   *
   * @throws ExtendException if it cannot be extended or logged; names field, value and remedy
   */
  DigestSet digests(ExtendRequest request) throws ExtendException {
    RegisterId id = request.register();
    RegisterDescriptor register = descriptors.get(id);
    if (register == null) {
      throw new ExtendException(
          Reason.UNKNOWN_REGISTER,
          id,
          "backend %s has no such register; it has %s".formatted(backend, descriptors.keySet()));
    }
    if (register.notExtendable().isPresent()) {
      throw new ExtendException(Reason.NOT_EXTENDABLE, id, register.notExtendable().get());
    }
    if (ForeignEvent.hasTag(request.event())) {
      throw new ExtendException(
          Reason.BAD_EVENT,
          id,
          "the tag 0x%08x marks extends of others that Cairn has found: choose another"
              .formatted(ForeignEvent.TAG));
    }
    if (request.event().claimedEventType() == EventTypes.EV_NO_ACTION) {
      throw new ExtendException(
          Reason.BAD_EVENT, id, "event type EV_NO_ACTION is never extended: choose another");
    }
    if (request.event().data().length() > maxEventBytes) {
      throw new ExtendException(
          Reason.BAD_EVENT,
          id,
          "event data has %d bytes, at most %d are allowed"
              .formatted(request.event().data().length(), maxEventBytes));
    }
    if (request.digests().isEmpty()) {
      return hashers.get().hash(register.banks(), request.event().data());
    }
    DigestSet given = request.digests().get();
    if (!given.hasExactly(register.banks())) {
      throw new ExtendException(
          Reason.WRONG_BANKS,
          id,
          "digests are of %s, the active banks are %s: give one for each"
              .formatted(bankNames(given.banks()), bankNames(register.banks())));
    }
    if (isAael(request.event())
        && !given.equals(hashers.get().hash(register.banks(), request.event().data()))) {
      throw new ExtendException(
          Reason.BAD_EVENT,
          id,
          "an event with the AAEL tag has the hash of its data as digest, always: leave digests out");
    }
    return given;
  }

  /** A verifier of such events refuses the whole log for one that breaks their rule. */
  private static boolean isAael(PcClientEvent event) {
    return event.claimedEventType() == EventTypes.EV_EVENT_TAG
        && TaggedEvent.parse(event.data()).filter(t -> t.tag() == AaelEvent.TAG).isPresent();
  }

  private static List<String> bankNames(List<HashAlgorithm> banks) {
    return banks.stream().map(HashAlgorithm::bank).toList();
  }
}
