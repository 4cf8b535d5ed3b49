package dev.cairn.replay;

import dev.cairn.eventlog.EventRecord;
import org.jspecify.annotations.Nullable;

/** Where a replay is; gives the record a name only when somebody asks for it. */
final class Place {
  private String log = "";
  private long number;
  private long offset;
  private @Nullable EventRecord record;
  private boolean reproduced;
  private @Nullable RecordRef ref; // of the record, once somebody has asked

  void begin(String name) {
    log = name;
    number = -1;
  }

  void moveTo(EventRecord next, long nextOffset) {
    record = next;
    ref = null;
    offset = nextOffset;
    number++;
  }

  void judged(RecordVerdict verdict) {
    reproduced = verdict.outcome() == RecordVerdict.Outcome.REPRODUCED;
  }

  /** Returns whether the content of the record vouches for its digests. */
  boolean reproduced() {
    return reproduced;
  }

  RecordRef ref() {
    if (record == null) {
      throw new IllegalStateException("no record yet");
    }
    if (ref == null) {
      ref = RecordRef.of(log, number, offset, record);
    }
    return ref;
  }
}
