package dev.cairn.backend.tdx.emulation;

import dev.cairn.backend.tdx.fuse.Refusal;
import java.util.Set;

/** A driver that makes reports for the kernel's tsm report core. */
interface ReportProvider {
  /** What a report consists of; each may be empty. Whoever makes one gives the arrays away. */
  final class Report {
    final byte[] outblob;
    final byte[] auxblob;
    final byte[] manifestblob;

    Report(byte[] outblob, byte[] auxblob, byte[] manifestblob) {
      this.outblob = outblob;
      this.auxblob = auxblob;
      this.manifestblob = manifestblob;
    }
  }

  /** Returns its name, as the attribute {@code provider} shows it. */
  String name();

  /** Returns which attributes its entries have. */
  Set<String> attributes();

  /** Returns the lowest privilege level that may be asked for. */
  int privilegeFloor();

  /**
   * Makes one.
   *
   * @param inblob what was committed, 1 to 64 bytes
   * @param privilegeLevel as it was written, or 0
   */
  Report report(byte[] inblob, int privilegeLevel) throws Refusal;
}
