package dev.cairn.foreign;

import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds in the logs of others which of their extends brought a register to a value that ours alone
 * do not explain. Reads what is new in a log only. Waits up to 200 ms for those who extend first
 * and log then; computes up to 1,048,576 hashes, which takes some tenths of a second.
 */
public final class ForeignExtends {
  private static final long HASHES_IN_A_ROW = 1L << 18;
  private static final long HASHES_MIXED = 3L << 18;

  private final List<ForeignLog> logs;
  private final Map<RegisterId, List<LogTail>> tails = new HashMap<>();

  /**
   * Looks in {@code logs}, which may come and go; the firmware's is complete before anybody asks.
   */
  public ForeignExtends(List<ForeignLog> logs) {
    this.logs = logs.stream().filter(Keepers::grows).toList();
  }

  /**
   * An answer.
   *
   * @param found the extends, if they are known
   * @param reason what kept the logs from explaining it, for people; empty where there are none
   */
  public record Answer(Optional<Interleaving> found, String reason) {}

  /**
   * Explains a value. Whatever the answer is, the next question is expected to begin at that value.
   */
  public Answer explain(Question question) {
    if (logs.isEmpty()) {
      return new Answer(Optional.empty(), "");
    }
    List<LogTail> ofRegister = tails(question);
    Budget inARow = new Budget(HASHES_IN_A_ROW);
    Budget mixed = new Budget(HASHES_MIXED);
    Patience patience = new Patience();
    String note = "";
    refresh(ofRegister, true);
    boolean news = true;
    while (true) {
      if (news) {
        List<LogTail> present = ofRegister.stream().filter(t -> !t.candidates().isEmpty()).toList();
        InterleavingSearch search = new InterleavingSearch(question, sources(present));
        Interleaving found = present.isEmpty() ? null : search.find(inARow, mixed);
        if (found != null) {
          account(found, present);
          return new Answer(Optional.of(found), "");
        }
        note = search.note();
      }
      boolean mayCome = ofRegister.stream().anyMatch(t -> t.isPresent() && Keepers.lags(t.log()));
      if (!mayCome || mixed.isSpent() || !patience.waitAgain()) {
        String reason = reason(ofRegister, note, mixed);
        ofRegister.forEach(LogTail::accountAll);
        return new Answer(Optional.empty(), reason);
      }
      news = refresh(ofRegister, false);
    }
  }

  private List<LogTail> tails(Question question) {
    List<HashAlgorithm> banks = question.before().banks();
    return tails.computeIfAbsent(
        question.register(), id -> logs.stream().map(log -> new LogTail(log, id, banks)).toList());
  }

  private static boolean refresh(List<LogTail> ofRegister, boolean all) {
    boolean news = false;
    for (LogTail tail : ofRegister) {
      if (all || Keepers.lags(tail.log())) {
        news |= tail.refresh();
      }
    }
    return news;
  }

  private static List<InterleavingSearch.Source> sources(List<LogTail> present) {
    List<InterleavingSearch.Source> sources = new ArrayList<>();
    for (LogTail tail : present) {
      sources.add(
          new InterleavingSearch.Source(tail.log().origin(), tail.candidates(), tail.isAnchored()));
    }
    return sources;
  }

  private static void account(Interleaving found, List<LogTail> present) {
    for (LogTail tail : present) {
      Candidate last = null;
      for (Interleaving.Placed placed : found.foreign()) {
        if (placed.record().keeper() == tail.log().origin()) {
          last = candidateAt(tail, placed.record().place(), last);
        }
      }
      if (last != null) {
        tail.account(last);
      }
    }
  }

  private static @Nullable Candidate candidateAt(
      LogTail tail, long place, @Nullable Candidate otherwise) {
    return tail.candidates().stream()
        .filter(candidate -> candidate.place() == place)
        .findFirst()
        .orElse(otherwise);
  }

  private static String reason(List<LogTail> ofRegister, String note, Budget mixed) {
    List<String> parts = new ArrayList<>();
    List<LogTail> present = ofRegister.stream().filter(LogTail::isPresent).toList();
    present.forEach(tail -> parts.add(tail.state()));
    if (present.isEmpty()) {
      List<String> places = ofRegister.stream().map(tail -> tail.log().location()).toList();
      parts.add("no log of others is there: " + String.join(", ", places));
    }
    if (!note.isEmpty()) {
      parts.add(note);
    }
    if (mixed.isSpent()) {
      parts.add("the search was given up, there are too many orders");
    }
    return String.join("; ", parts);
  }
}
