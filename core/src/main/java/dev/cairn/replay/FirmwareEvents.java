package dev.cairn.replay;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.GapEvent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.StartValueEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import org.jspecify.annotations.Nullable;

/**
 * The events that set a register instead of extending it.
 *
 * <pre>
 * EV_NO_ACTION "StartupLocality" NUL, u8   PCR 0 begins at 0…0 ‖ locality; once, before its first extend
 * EV_EFI_HCRTM_EVENT in PCR 0              PCR 0 is 0…04 just before it; the first extend of PCR 0
 * EV_NO_ACTION "Cairn-StartValue" …        see {@link StartValueEvent}
 * EV_NO_ACTION "Cairn-GapRecord" NUL …     see {@link GapEvent}
 * </pre>
 *
 * @see "TCG PC Client Platform Firmware Profile 1.06, 10.4.5.3 and 2.3.1"
 */
final class FirmwareEvents {
  private static final RegisterId PCR0 = RegisterId.pcr(0);
  private static final Bytes STARTUP_LOCALITY =
      Bytes.owning("StartupLocality\0".getBytes(US_ASCII));
  private static final int HCRTM_LOCALITY = 4;

  private final Findings findings;
  private boolean localitySeen;

  FirmwareEvents(Findings findings) {
    this.findings = findings;
  }

  /** Looks at an event that extends nothing. */
  void noAction(PcClientEvent event, RegisterReplay register, Place place) {
    if (event.data().startsWith(STARTUP_LOCALITY) && register.id().equals(PCR0)) {
      startupLocality(event.data(), register, place);
      return;
    }
    try {
      StartValueEvent start = StartValueEvent.parse(event).orElse(null);
      if (start != null) {
        restart(start.value(), start.value(), Unproven.Cause.START_VALUE, register, place);
        return;
      }
      GapEvent gap = GapEvent.parse(event).orElse(null);
      if (gap != null) {
        restart(gap.expected(), gap.observed(), Unproven.Cause.GAP, register, place);
      }
    } catch (IllegalArgumentException e) {
      report(place, String.valueOf(e.getMessage()));
    }
  }

  private void restart(
      DigestSet before,
      DigestSet value,
      Unproven.Cause cause,
      RegisterReplay register,
      Place place) {
    Digest replayed = register.restart(before, value, cause, place);
    if (replayed != null) {
      report(
          place,
          "says that %s held %s before it, the records before it replay to %s"
              .formatted(register.id(), find(before, replayed), replayed));
    }
  }

  private static @Nullable Digest find(DigestSet set, Digest like) {
    return set.find(like.algorithm());
  }

  private void startupLocality(Bytes data, RegisterReplay register, Place place) {
    if (data.length() != STARTUP_LOCALITY.length() + 1) {
      report(
          place,
          "StartupLocality: %d bytes, needs %d"
              .formatted(data.length(), STARTUP_LOCALITY.length() + 1));
      return;
    }
    int locality = data.at(STARTUP_LOCALITY.length());
    if (locality != 0 && locality != 3 && locality != 4) {
      report(place, "StartupLocality: %d, needs 0, 3 or 4".formatted(locality));
    } else if (localitySeen) {
      report(place, "StartupLocality: a second one, needs to come once");
    } else if (register.extended() > 0) {
      report(place, "StartupLocality: comes after the first extend of pcr0");
    } else {
      register.startAt(locality);
    }
    localitySeen = true;
  }

  /** Looks at an event that will be extended next. */
  void beforeExtend(PcClientEvent event, RegisterReplay register, Place place) {
    if (event.claimedEventType() != EventTypes.EV_EFI_HCRTM_EVENT || !register.id().equals(PCR0)) {
      return;
    }
    if (register.extended() > 0) {
      report(place, "EV_EFI_HCRTM_EVENT: comes after the first extend of pcr0");
    }
    register.startAt(HCRTM_LOCALITY);
  }

  private void report(Place place, String message) {
    findings.add(new Finding(Finding.Kind.START_VALUE, place.ref(), message));
  }
}
