package dev.cairn.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.emulator.EmulatorProfile;
import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ForeignEvent;
import dev.cairn.eventlog.GapEvent;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.StartValueEvent;
import dev.cairn.eventlog.cel.CelTlv;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.testing.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Holds a daemon to the promise: knows all events that clients sent and what they were told, and
 * compares that with the log and the registers that are served. Replays with a hash chain of its
 * own. Each check reads only the part of the log that is new; {@link #checkWhole} reads all of it.
 */
final class Audit {
  /** Problems after which the event may be in the log or not. */
  private static final Set<String> UNCERTAIN = Set.of("register-failed", "register-diverged");

  private final Map<String, Attempt> sent = new HashMap<>();
  private final Map<String, Chain> chains = new TreeMap<>();
  private final MessageDigest served = sha("SHA-256"); // of all bytes seen so far
  private final Set<Attempt> open = new HashSet<>(); // since the last check
  private final Set<String> diverged = new TreeSet<>();
  private final Set<String> started = new TreeSet<>();
  private final Map<String, Set<DigestSet>> others = new ConcurrentHashMap<>();
  private int extendsOfOthers;
  private long position;
  private int acknowledged;
  private int unansweredFound;
  private int unansweredAbsent;
  private @Nullable String epoch;

  /** Of all registers that the emulator can extend. */
  Audit(EmulatorProfile profile) {
    for (RegisterDescriptor register : profile.registers()) {
      if (register.notExtendable().isEmpty()) {
        chains.put(register.id().name(), new Chain(register.resetValue()));
      }
    }
  }

  /** Of the registers that Cairn extends; they hold {@code start}, the others are nobody's. */
  Audit(List<String> registers, DigestSet start) {
    for (String register : registers) {
      chains.put(register, new Chain(start));
    }
  }

  /** Takes note that somebody else changed {@code registers}: a gap record each has to say so. */
  void expectDivergenceOf(Collection<String> registers) {
    diverged.addAll(registers);
  }

  /** Takes note that {@code registers} held something before: the log begins with what it was. */
  void expectStartValueOf(Collection<String> registers) {
    started.addAll(registers);
  }

  /**
   * Takes note that somebody else extends {@code register} with {@code digests} once, and logs it.
   * Any thread, but not during a check.
   */
  void expectExtendOfOthers(String register, DigestSet digests) {
    others.computeIfAbsent(register, first -> ConcurrentHashMap.newKeySet()).add(digests);
  }

  /** Returns how many extends of others the log has. */
  int extendsOfOthers() {
    return extendsOfOthers;
  }

  /** Takes note of what clients sent, after they have ended. */
  void add(List<Attempt> attempts) {
    for (Attempt attempt : attempts) {
      if (sent.put(attempt.event.id(), attempt) != null) {
        throw new IllegalArgumentException(attempt + ": the id is not unique");
      }
    }
    open.addAll(attempts);
  }

  /** Takes note that {@code attempt}, which was not in the log before, was sent once more. */
  void addAgain(Attempt attempt) {
    open.add(attempt);
  }

  /** Compares what came since the last check. Nobody may extend meanwhile. */
  void check(Daemon daemon) throws IOException {
    try (Connection connection = daemon.connect()) {
      Response log = connection.get("/v1/log?format=cel-tlv&from=" + position);
      assertThat(log.status()).as(log.toString()).isEqualTo(200);
      requireSameEpoch(log);
      List<Attempt> order = read(log.bytes());
      assertThat(log.headers().get("cairn-end-position")).isEqualTo(Long.toString(position));
      open.forEach(this::checkFate);
      checkOrder(order);
      checkRegisters(connection.get("/v1/registers").json());
      open.clear();
    }
  }

  /** Makes sure that what was served before is served still, byte by byte. */
  void checkWhole(Daemon daemon) throws IOException {
    check(daemon);
    assertThat(sha("SHA-256").digest(wholeLog(daemon))).isEqualTo(copy(served).digest());
  }

  byte[] wholeLog(Daemon daemon) throws IOException {
    Response log = daemon.get("/v1/log?format=cel-tlv");
    assertThat(log.status()).as(log.toString()).isEqualTo(200);
    return log.bytes();
  }

  private void requireSameEpoch(Response log) {
    String now = log.headers().get("cairn-epoch");
    if (epoch == null) {
      epoch = now;
    }
    assertThat(now).isEqualTo(epoch);
  }

  private List<Attempt> read(byte[] part) throws IOException {
    List<Attempt> order = new ArrayList<>();
    EventReader reader = CelTlv.reader(new ByteArrayInputStream(part), Limits.DEFAULT);
    for (EventRecord record = reader.next(); record != null; record = reader.next()) {
      PcClientEvent content = (PcClientEvent) record.content();
      Optional<GapEvent> gap = GapEvent.parse(content);
      Optional<StartValueEvent> start = StartValueEvent.parse(content);
      if (gap.isPresent()) {
        placeGap(record, gap.get());
      } else if (start.isPresent()) {
        placeStart(record, start.get());
      } else if (ForeignEvent.parse(content).isPresent()) {
        placeForeign(record);
      } else {
        order.add(place(record));
      }
    }
    served.update(part);
    return order;
  }

  /** Says what the log replays to and what was found instead; the replay goes on from there. */
  private void placeGap(EventRecord record, GapEvent gap) {
    String register = record.register().name();
    Chain chain = chain(register);
    assertThat(diverged).as("registers that may have a gap").contains(register);
    assertThat(hex(gap.expected())).as("expected by the gap of " + register).isEqualTo(chain.hex());
    assertThat(record.recnum()).isEqualTo(chain.nextRecnum);
    chain.continueFrom(gap.observed());
    position++;
  }

  private void placeStart(EventRecord record, StartValueEvent start) {
    assertThat(started).contains(record.register().name());
    assertThat(record.recnum()).isZero();
    chain(record.register().name()).continueFrom(start.value());
    position++;
  }

  private void placeForeign(EventRecord record) {
    String register = record.register().name();
    assertThat(others.getOrDefault(register, Set.of()).remove(record.digests()))
        .as("record %d: an extend of others that happened once: %s", position, record)
        .isTrue();
    assertThat(record.recnum()).isEqualTo(chain(register).nextRecnum);
    chain(register).extend(record.digests());
    extendsOfOthers++;
    position++;
  }

  private Attempt place(EventRecord record) {
    String where =
        "record %d of the log (%s %d)".formatted(position, record.register(), record.recnum());
    PcClientEvent content = (PcClientEvent) record.content();
    Optional<AaelEvent> event = AaelEvent.parse(content);
    Attempt attempt = event.map(e -> sent.get(e.operation())).orElse(null);
    if (attempt == null) {
      throw new AssertionError(where + " was sent by nobody: " + record);
    }
    assertThat(attempt.position).as("%s: %s is in the log already", where, attempt).isEqualTo(-1);
    assertThat(open).as("%s was not in the log before and comes back", where).contains(attempt);
    assertThat(record.register().name()).as(where).isEqualTo(attempt.event.register());
    assertThat(content.data()).as(where).isEqualTo(attempt.event.data());
    Chain chain = chain(record.register().name());
    assertThat(record.recnum()).as(where).isEqualTo(chain.nextRecnum);
    chain.extend(where, content.data(), record.digests());
    if (attempt.acknowledged()) {
      assertThat(attempt.number("position")).as(where).isEqualTo(position);
      assertThat(attempt.number("recnum")).as(where).isEqualTo(record.recnum());
      assertThat(attempt.digests("digests")).as(where).isEqualTo(hex(record.digests()));
      assertThat(attempt.digests("value")).as(where).isEqualTo(chain.hex());
    }
    attempt.position = position++;
    return attempt;
  }

  private void checkFate(Attempt attempt) {
    if (attempt.acknowledged()) {
      assertThat(attempt.found()).as("%s: acknowledged and not in the log", attempt).isTrue();
      acknowledged++;
    } else if (attempt.refusal != null && !UNCERTAIN.contains(attempt.refusal.problem())) {
      assertThat(attempt.found()).as("%s: refused and in the log", attempt).isFalse();
    } else if (attempt.found()) {
      unansweredFound++;
    } else {
      unansweredAbsent++;
    }
  }

  /** An event that was sent after another was acknowledged must come later in the log. */
  private static void checkOrder(List<Attempt> order) {
    Attempt latest = null;
    for (Attempt attempt : order) {
      if (latest != null && latest.sentNanos > attempt.answeredNanos) {
        throw new AssertionError("%s comes after %s".formatted(attempt, latest));
      }
      if (latest == null || attempt.sentNanos > latest.sentNanos) {
        latest = attempt;
      }
    }
  }

  private void checkRegisters(Map<String, Object> answer) {
    int seen = 0;
    for (Object each : (List<?>) answer.getOrDefault("registers", List.of())) {
      Map<String, Object> register = Json.object(each);
      if ("OBSERVED".equals(register.get("state"))) {
        assertThat(chains).doesNotContainKey(String.valueOf(register.get("register")));
        continue;
      }
      Chain chain = chain(String.valueOf(register.get("register")));
      String state = diverged.contains(register.get("register")) ? "DIVERGED" : "OK";
      assertThat(register.get("state")).as(register.toString()).isEqualTo(state);
      assertThat(register.get("value")).as("%s", register.get("register")).isEqualTo(chain.hex());
      assertThat(register.get("replayed")).isEqualTo(chain.hex());
      assertThat(register.get("records")).isEqualTo(chain.nextRecnum);
      seen++;
    }
    assertThat(seen).isEqualTo(chains.size());
  }

  private Chain chain(String register) {
    Chain chain = chains.get(register);
    if (chain == null) {
      throw new AssertionError("no such register: " + register);
    }
    return chain;
  }

  /** Returns the values that registers must have, as {@code cairn verify --values} reads them. */
  String expectedValues() {
    Map<String, List<String>> byBank = new TreeMap<>();
    chains.forEach(
        (register, chain) -> {
          if (chain.nextRecnum > 0) {
            chain
                .hex()
                .forEach(
                    (bank, value) ->
                        byBank
                            .computeIfAbsent(bank, none -> new ArrayList<>())
                            .add("\"%s\":\"%s\"".formatted(register, value)));
          }
        });
    StringBuilder json = new StringBuilder("{\"registers\":\"ccmr\"");
    byBank.forEach(
        (bank, values) ->
            json.append(",\"")
                .append(bank)
                .append("\":{")
                .append(String.join(",", values))
                .append('}'));
    return json.append('}').toString();
  }

  long endPosition() {
    return position;
  }

  int acknowledged() {
    return acknowledged;
  }

  /** Returns how many events were found in the log though nobody had been told. */
  int unansweredFound() {
    return unansweredFound;
  }

  int unansweredAbsent() {
    return unansweredAbsent;
  }

  private static Map<String, Object> hex(DigestSet digests) {
    Map<String, Object> hex = new TreeMap<>();
    digests.forEach(digest -> hex.put(digest.algorithm().bank(), digest.value().toHex()));
    return hex;
  }

  private static MessageDigest sha(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static MessageDigest copy(MessageDigest digest) {
    try {
      return (MessageDigest) digest.clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  /** What one register must hold, in every bank. */
  private static final class Chain {
    private final Map<String, byte[]> values = new TreeMap<>();
    private long nextRecnum;

    Chain(DigestSet start) {
      set(start);
    }

    private void set(DigestSet value) {
      value.forEach(digest -> values.put(digest.algorithm().bank(), digest.value().toArray()));
    }

    void continueFrom(DigestSet observed) {
      set(observed);
      nextRecnum++;
    }

    void extend(String where, Bytes data, DigestSet digests) {
      assertThat(digests.size()).as(where).isEqualTo(values.size());
      for (Digest digest : digests) {
        String bank = digest.algorithm().bank();
        MessageDigest hash = sha("SHA-" + bank.substring("sha".length()));
        byte[] expected = hash.digest(data.toArray());
        assertThat(digest.value().toArray())
            .as("%s: digest of %s", where, bank)
            .isEqualTo(expected);
      }
      extend(digests);
    }

    void extend(DigestSet digests) {
      for (Digest digest : digests) {
        String bank = digest.algorithm().bank();
        MessageDigest hash = sha("SHA-" + bank.substring("sha".length()));
        hash.update(values.getOrDefault(bank, new byte[0]));
        values.put(bank, hash.digest(digest.value().toArray()));
      }
      nextRecnum++;
    }

    Map<String, Object> hex() {
      Map<String, Object> hex = new TreeMap<>();
      values.forEach((bank, value) -> hex.put(bank, Bytes.copyOf(value).toHex()));
      return hex;
    }
  }
}
