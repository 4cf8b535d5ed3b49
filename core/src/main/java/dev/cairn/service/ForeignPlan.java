package dev.cairn.service;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ForeignEvent;
import dev.cairn.eventlog.Limits;
import dev.cairn.foreign.ForeignExtends;
import dev.cairn.foreign.Interleaving;
import dev.cairn.foreign.Question;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the end of the log has to be so that it says what the registers show: records of ours that
 * were extended, and those of others at their places between them.
 *
 * @param cut records of ours from this position on were not extended
 * @param entries the records from the beginning of the tail on
 * @param unexplained registers that no log explains, with what was tried
 */
record ForeignPlan(long cut, List<Entry> entries, Map<RegisterId, String> unexplained) {
  /** What a record has beside its content, generously. */
  private static final int MAX_DATA = Limits.DEFAULT.maxContentBytes() - (1 << 10);

  /** {@link Entry#own} of a record that is not ours. */
  static final int FOREIGN = -1;

  /**
   * A record at its new place.
   *
   * @param record with its new number
   * @param after where the log leaves its register
   * @param own which record of the old tail it was, from 0, or {@link #FOREIGN}
   */
  record Entry(EventRecord record, LogReplay.Point after, int own) {}

  /**
   * Asks the logs of others about every register that the scan has not explained.
   *
   * @param start position of the first record of {@code tail}
   * @param tail measured records that may have been extended, in log order
   * @param before where the log before {@code start} leaves the registers
   * @param observed what they hold
   * @param outcome what the values of the others tell
   */
  static ForeignPlan make(
      ForeignExtends foreign,
      long start,
      List<EventRecord> tail,
      Map<RegisterId, LogReplay.Point> before,
      Map<RegisterId, DigestSet> observed,
      TailScan.Outcome outcome) {
    Builder builder = new Builder(start, tail, before);
    builder.low = outcome.cut();
    builder.high = outcome.limit();
    for (RegisterId register : outcome.unexplained()) {
      DigestSet value = observed.get(register);
      if (value != null) {
        builder.ask(foreign, register, value);
      }
    }
    return builder.build();
  }

  /** Returns how many records of others there are. */
  int foreign() {
    return (int) entries.stream().filter(entry -> entry.own() == FOREIGN).count();
  }

  /** Returns how many of the first records stay as and where they are. */
  int unchanged() {
    int count = 0;
    while (count < entries.size() && entries.get(count).own() == count) {
      count++;
    }
    return count;
  }

  /** Returns the records from number {@code from} on. */
  List<EventRecord> records(int from) {
    return entries.subList(from, entries.size()).stream().map(Entry::record).toList();
  }

  private static final class Builder {
    private final long start;
    private final List<EventRecord> tail;
    private final Map<RegisterId, LogReplay.Point> points;
    private final Map<RegisterId, List<Interleaving.Placed>> found = new TreeMap<>();
    private final Map<RegisterId, String> unexplained = new TreeMap<>();
    private final Map<RegisterId, Integer> ownSoFar = new HashMap<>();
    private final List<Entry> entries = new ArrayList<>();
    private final Hasher hasher = new Hasher();
    private long low; // the cut lies between
    private long high;

    Builder(long start, List<EventRecord> tail, Map<RegisterId, LogReplay.Point> before) {
      this.start = start;
      this.tail = tail;
      this.points = new TreeMap<>(before);
    }

    void ask(ForeignExtends foreign, RegisterId register, DigestSet observed) {
      List<Long> positions = new ArrayList<>();
      List<DigestSet> own = new ArrayList<>();
      for (int i = 0; i < tail.size(); i++) {
        if (tail.get(i).register().equals(register)) {
          positions.add(start + i);
          own.add(tail.get(i).digests());
        }
      }
      int least = (int) positions.stream().filter(position -> position < low).count();
      int most = (int) positions.stream().filter(position -> position < high).count();
      ForeignExtends.Answer answer =
          foreign.explain(new Question(register, at(register).value(), own, least, most, observed));
      if (answer.found().isEmpty()) {
        unexplained.put(register, answer.reason());
        return;
      }
      int happened = answer.found().get().own();
      found.put(register, answer.found().get().foreign());
      if (happened > 0) {
        low = Math.max(low, positions.get(happened - 1) + 1);
      }
      if (happened < positions.size()) {
        high = Math.min(high, positions.get(happened));
      }
    }

    private LogReplay.Point at(RegisterId register) {
      LogReplay.Point point = points.get(register);
      if (point == null) {
        throw new IllegalArgumentException(register + ": no value before the tail");
      }
      return point;
    }

    ForeignPlan build() {
      for (int i = 0; start + i < low; i++) {
        EventRecord own = tail.get(i);
        int number = ownSoFar.merge(own.register(), 1, Integer::sum) - 1;
        addForeign(own.register(), number);
        add(own, i);
      }
      for (RegisterId register : found.keySet()) {
        addForeign(register, ownSoFar.getOrDefault(register, 0));
      }
      return new ForeignPlan(low, List.copyOf(entries), unexplained);
    }

    private void addForeign(RegisterId register, int before) {
      for (Interleaving.Placed placed : found.getOrDefault(register, List.of())) {
        if (placed.before() == before) {
          var event =
              ForeignEvent.of(
                  placed.record().keeper(),
                  placed.record().place(),
                  placed.record().content(),
                  MAX_DATA);
          add(
              new EventRecord(0, register, placed.record().digests(), event.toPcClientEvent()),
              FOREIGN);
        }
      }
    }

    private void add(EventRecord record, int own) {
      LogReplay.Point before = at(record.register());
      EventRecord numbered =
          new EventRecord(
              before.nextRecnum(), record.register(), record.digests(), record.content());
      DigestSet value = hasher.extend(before.value(), record.digests());
      LogReplay.Point after = new LogReplay.Point(value, before.nextRecnum() + 1, before.gaps());
      points.put(record.register(), after);
      entries.add(new Entry(numbered, after, own));
    }
  }
}
