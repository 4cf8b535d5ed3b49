package dev.cairn.emulator;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import java.util.Optional;

/** What an action may do to the registers behind the back of the caller. */
interface FaultTarget {
  EmulatorProfile profile();

  void foreignExtend(RegisterId register, DigestSet digests) throws BackendException;

  /** Resets one register or all, whatever the rules for software are. */
  void forceReset(Optional<RegisterId> register);
}
