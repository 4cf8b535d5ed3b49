package dev.cairn.eventlog;

/**
 * A record of the log about itself; CEL content type cel (4).
 *
 * @see "TCG CEL 1.1, 4.4"
 */
public sealed interface Management extends EventContent {
  /** The revision of the format; never extended. */
  record CelVersion(int major, int minor) implements Management {
    @Override
    public boolean measured() {
      return false;
    }
  }

  /** The firmware's records end here; never extended. */
  record FirmwareEnd() implements Management {
    @Override
    public boolean measured() {
      return false;
    }
  }

  /**
   * A point in time.
   *
   * @param claimedTime as it stands in the log, an unsigned 64-bit number; revisions differ on its
   *     unit
   */
  record Timestamp(long claimedTime) implements Management {
    @Override
    public boolean measured() {
      return true;
    }
  }

  /**
   * The platform changed its state.
   *
   * @param state 0 suspend, 1 hibernate, 2 kexec; others are kept
   */
  record StateTransition(long state) implements Management {
    @Override
    public boolean measured() {
      return true;
    }
  }
}
