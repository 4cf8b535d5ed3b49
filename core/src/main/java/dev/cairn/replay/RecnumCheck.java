package dev.cairn.replay;

/**
 * Follows the record numbers of one log. They count per register from 0; logs that count all
 * registers together, from 0 or 1, exist too and are accepted if they do so throughout. Whether
 * they do is known at the end only, so both readings are followed and the better one is reported.
 *
 * @see "TCG CEL 1.1, 4.2.2; google/go-eventlog and systemd-pcrlock count globally"
 */
final class RecnumCheck {
  private Findings perRegister = new Findings();
  private Findings global = new Findings();
  private long nextGlobal;
  private boolean first = true;

  /** The counter of one register. */
  static final class Counter {
    private long next;
    private long log = -1; // in which it was seen last
  }

  private long log;

  void begin() {
    log++;
    first = true;
    perRegister = new Findings();
    global = new Findings();
  }

  void accept(long recnum, Counter counter, Place place) {
    boolean begins = counter.log != log;
    if (recnum != counter.next && !(begins && recnum == 0)) {
      perRegister.add(finding(recnum, begins ? 0 : counter.next, begins, place));
    }
    counter.log = log;
    counter.next = recnum + 1;
    if (first ? recnum != 0 && recnum != 1 && recnum != nextGlobal : recnum != nextGlobal) {
      global.add(finding(recnum, first ? 0 : nextGlobal, first, place));
    }
    first = false;
    nextGlobal = recnum + 1;
  }

  private static Finding finding(long recnum, long expected, boolean begins, Place place) {
    return new Finding(Finding.Kind.RECNUM, place.ref(), message(recnum, expected, begins));
  }

  private static String message(long recnum, long expected, boolean begins) {
    String number = Long.toUnsignedString(recnum);
    if (Long.compareUnsigned(recnum, expected) > 0) {
      String last = Long.toUnsignedString(recnum - 1);
      return begins
          ? "begins at record %s: records 0 to %s are missing".formatted(number, last)
          : recnum - 1 == expected
              ? "record %s is missing before it".formatted(last)
              : "records %s to %s are missing before it"
                  .formatted(Long.toUnsignedString(expected), last);
    }
    return recnum + 1 == expected
        ? "repeats the number %s of the record before it".formatted(number)
        : "goes back to %s, needs %s".formatted(number, Long.toUnsignedString(expected));
  }

  /** Returns what is wrong with the log that ends here. */
  Findings end() {
    return global.count() < perRegister.count() ? global : perRegister;
  }
}
