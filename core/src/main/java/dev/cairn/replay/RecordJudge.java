package dev.cairn.replay;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ForeignEvent;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.ImaTlv;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.eventlog.UnknownDigest;
import dev.cairn.eventlog.ima.ImaBinary;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Says of each record whether its digests are those of its content. Where one bank shows which
 * bytes were measured, the others have to show the same: a digest that does not is wrong. For one
 * thread.
 */
public final class RecordJudge {
  private static final RegisterId NO_REGISTER = RegisterId.pcr(0xFFFF_FFFFL);
  private static final Bytes SPEC_ID = Bytes.owning("Spec ID Event03\0".getBytes(US_ASCII));
  private static final Bytes OPENPOWER_VENDOR_INFO =
      Bytes.owning("\4IBM\0".getBytes(US_ASCII)); // u8 size, vendor info
  private static final int TLV_HEAD = 1 + Integer.BYTES;
  private static final int IMA_TLV = 8;
  private static final int CEL = 4;
  private static final int CEL_TIMESTAMP = 80;
  private static final int STATE_TRANS = 81;
  private static final String COS = "80";
  private static final Rule[] TLV_RULE = {Rule.CONTENT_TLV};

  private static final RecordVerdict NOT_MEASURED =
      new RecordVerdict(RecordVerdict.Outcome.NOT_MEASURED, null, Set.of(), "");
  private static final RecordVerdict NO_DIGEST =
      new RecordVerdict(
          RecordVerdict.Outcome.NO_DIGEST, null, Set.of(), "no digest of a known algorithm");
  private static final RecordVerdict OUTSIDE_BYTES =
      RecordVerdict.notReproducible("the digest covers bytes that the log does not hold");
  private static final RecordVerdict NOT_KEPT =
      RecordVerdict.notReproducible("somebody else extended it; what was measured is in their log");
  private static final RecordVerdict VIOLATION =
      RecordVerdict.notReproducible("IMA violation: zeros in the list, ones in the register");
  private static final RecordVerdict UNKNOWN_CONTENT =
      RecordVerdict.notReproducible("what a digest of this content covers is not known");
  private static final Map<Rule, RecordVerdict> REPRODUCED = new EnumMap<>(Rule.class);

  static {
    for (Rule rule : Rule.values()) {
      REPRODUCED.put(rule, RecordVerdict.reproduced(rule));
    }
  }

  private final Hashes hashes;

  /** Makes a judge with digest objects of its own. */
  public RecordJudge() {
    this(new Hashes());
  }

  RecordJudge(Hashes hashes) {
    this.hashes = hashes;
  }

  /** Returns the verdict on {@code record}. */
  public RecordVerdict judge(EventRecord record) {
    EventContent content = record.content();
    if (!content.measured()) {
      return judgeUnmeasured(record);
    }
    DigestSet digests = record.digests();
    if (digests.isEmpty()) {
      return NO_DIGEST;
    }
    if (content instanceof PcClientEvent event && ForeignEvent.hasTag(event)) {
      return judgeForeign(record, ForeignEvent.parse(event).flatMap(ForeignEvent::content));
    }
    if (content instanceof PcClientEvent event) {
      Rule[] candidates = EventDataRules.candidates(event.claimedEventType());
      return judge(digests, candidates, event.data(), event);
    }
    if (content instanceof ImaTemplate template) {
      return judgeIma(record, template);
    }
    if (content instanceof ImaTlv ima) {
      return judge(digests, TLV_RULE, tlv(IMA_TLV, ima.tlvs()), content);
    }
    if (content instanceof SystemdEvent event) {
      return judge(digests, new Rule[] {Rule.TEXT}, event.text(), content);
    }
    if (content instanceof Management management) {
      return judge(digests, TLV_RULE, tlv(CEL, nested(management)), content);
    }
    if (content instanceof OpaqueContent opaque) {
      return judgeOpaque(digests, opaque);
    }
    throw new IllegalArgumentException("content without a rule: " + content);
  }

  /** The digests are those of what the keeper of the other log measured. */
  private RecordVerdict judgeForeign(EventRecord record, Optional<EventContent> content) {
    if (content.isEmpty() || isForeign(content.get())) {
      return NOT_KEPT;
    }
    return judge(
        new EventRecord(
            record.recnum(),
            record.register(),
            record.digests(),
            record.unknownDigests(),
            content.get()));
  }

  private static boolean isForeign(EventContent content) {
    return content instanceof PcClientEvent event && ForeignEvent.hasTag(event);
  }

  private static RecordVerdict judgeUnmeasured(EventRecord record) {
    if (record.register().equals(NO_REGISTER) || isHeaderOfOpenPower(record.content())) {
      return NOT_MEASURED; // real firmware logs hold such records, with other digests than zeros
    }
    Set<HashAlgorithm> nonZero = EnumSet.noneOf(HashAlgorithm.class);
    for (Digest digest : record.digests()) {
      if (!digest.value().isFilledWith(0)) {
        nonZero.add(digest.algorithm());
      }
    }
    boolean unknownNonZero = false;
    for (UnknownDigest digest : record.unknownDigests()) {
      unknownNonZero |= !digest.value().isFilledWith(0);
    }
    return nonZero.isEmpty() && !unknownNonZero
        ? NOT_MEASURED
        : RecordVerdict.mismatch(
            null, nonZero, "a record that extends nothing needs digests of zeros");
  }

  /** OpenPOWER firmware leaves what was in memory in the digest of its Spec ID header. */
  private static boolean isHeaderOfOpenPower(EventContent content) {
    if (!(content instanceof PcClientEvent event) || !event.data().startsWith(SPEC_ID)) {
      return false;
    }
    Bytes data = event.data();
    int vendorInfo = data.length() - OPENPOWER_VENDOR_INFO.length();
    return data.slice(vendorInfo, data.length()).equals(OPENPOWER_VENDOR_INFO);
  }

  private RecordVerdict judge(
      DigestSet digests, Rule[] candidates, Bytes input, EventContent content) {
    Rule best = null;
    int bestMask = 0;
    for (Rule rule : candidates) {
      int mask = reproduced(digests, rule, input);
      if (Integer.bitCount(mask) == digests.size()) {
        return reproduced(rule);
      }
      if (Integer.bitCount(mask) > Integer.bitCount(bestMask)) {
        best = rule;
        bestMask = mask;
      }
    }
    if (best != null) {
      return contradiction(digests, best, bestMask);
    }
    return isStrict(content)
        ? RecordVerdict.mismatch(
            null, Set.copyOf(digests.banks()), "not the hash of " + candidates[0].text())
        : notReproducible(content);
  }

  /** Returns a bit for each digest, in their order, that {@code rule} reproduces. */
  private int reproduced(DigestSet digests, Rule rule, Bytes data) {
    Bytes input = EventDataRules.input(rule, data);
    if (input == null) {
      return 0;
    }
    int mask = 0;
    for (int i = 0; i < digests.size(); i++) {
      Digest digest = digests.at(i);
      MessageDigest hash = hashes.of(digest.algorithm());
      input.feed(hash);
      if (hashes.finishAndCompare(hash, digest.algorithm(), digest.value())) {
        mask |= 1 << i;
      }
    }
    return mask;
  }

  private static RecordVerdict reproduced(Rule rule) {
    RecordVerdict verdict = REPRODUCED.get(rule);
    if (verdict == null) {
      throw new IllegalStateException("no verdict for " + rule);
    }
    return verdict;
  }

  private static RecordVerdict contradiction(DigestSet digests, Rule rule, int mask) {
    Set<HashAlgorithm> wrong = EnumSet.noneOf(HashAlgorithm.class);
    Set<HashAlgorithm> right = EnumSet.noneOf(HashAlgorithm.class);
    for (int i = 0; i < digests.size(); i++) {
      ((mask & 1 << i) == 0 ? wrong : right).add(digests.at(i).algorithm());
    }
    return RecordVerdict.mismatch(
        rule,
        wrong,
        "%s is the hash of %s, %s is not".formatted(names(right), rule.text(), names(wrong)));
  }

  static String names(Set<HashAlgorithm> banks) {
    StringBuilder names = new StringBuilder();
    for (HashAlgorithm bank : banks) {
      names.append(names.isEmpty() ? "" : ", ").append(bank.bank());
    }
    return names.toString();
  }

  private RecordVerdict judgeIma(EventRecord record, ImaTemplate template) {
    if (ImaBinary.isViolation(record)) {
      return VIOLATION;
    }
    DigestSet digests = record.digests();
    Bytes input = ImaBinary.hashInput(template).orElse(null);
    if (input == null) {
      return RecordVerdict.mismatch(
          null, Set.copyOf(digests.banks()), "template data without the form of its template");
    }
    Digest sha1 = digests.find(HashAlgorithm.SHA1);
    Set<HashAlgorithm> wrong = EnumSet.noneOf(HashAlgorithm.class);
    boolean padded = false;
    for (int i = 0; i < digests.size(); i++) {
      Digest digest = digests.at(i);
      MessageDigest hash = hashes.of(digest.algorithm());
      input.feed(hash);
      if (!hashes.finishAndCompare(hash, digest.algorithm(), digest.value())) {
        if (isPadded(digest, sha1 == null ? HashAlgorithm.SHA1.hash(input) : sha1)) {
          padded = true;
        } else {
          wrong.add(digest.algorithm());
        }
      }
    }
    if (!wrong.isEmpty()) {
      return RecordVerdict.mismatch(null, wrong, "not the hash of the template data");
    }
    return reproduced(padded ? Rule.PADDED_SHA1 : Rule.TEMPLATE_DATA);
  }

  private static boolean isPadded(Digest digest, Digest sha1) {
    Bytes value = digest.value();
    return digest.algorithm() != HashAlgorithm.SHA1
        && value.startsWith(sha1.value())
        && value.slice(sha1.value().length(), value.length()).isFilledWith(0);
  }

  private RecordVerdict judgeOpaque(DigestSet digests, OpaqueContent opaque) {
    if (opaque.encoding() != OpaqueContent.Encoding.TLV) {
      return UNKNOWN_CONTENT;
    }
    return judge(digests, TLV_RULE, tlv(Integer.parseInt(opaque.type()), opaque.bytes()), opaque);
  }

  private static boolean isStrict(EventContent content) {
    if (content instanceof PcClientEvent event) {
      return EventDataRules.isStrict(event);
    }
    return content instanceof ImaTlv
        || (content instanceof OpaqueContent opaque && opaque.type().equals(COS));
  }

  private static RecordVerdict notReproducible(EventContent content) {
    return content instanceof PcClientEvent ? OUTSIDE_BYTES : UNKNOWN_CONTENT;
  }

  private static Bytes tlv(int type, Bytes value) {
    ByteBuffer buffer = ByteBuffer.allocate(TLV_HEAD + value.length());
    buffer.put((byte) type).putInt(value.length());
    value.copyTo(buffer);
    return Bytes.owning(buffer.array());
  }

  private static Bytes nested(Management management) {
    if (management instanceof Management.Timestamp timestamp) {
      ByteBuffer time = ByteBuffer.allocate(Long.BYTES).putLong(timestamp.claimedTime());
      return tlv(CEL_TIMESTAMP, Bytes.owning(time.array()));
    }
    if (management instanceof Management.StateTransition transition) {
      ByteBuffer state = ByteBuffer.allocate(Integer.BYTES).putInt((int) transition.state());
      return tlv(STATE_TRANS, Bytes.owning(state.array()));
    }
    throw new IllegalArgumentException("not measured: " + management);
  }
}
