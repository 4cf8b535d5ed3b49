package dev.cairn.eventlog;

/** What a record says has happened. Unknown content stays opaque and is written back unchanged. */
public sealed interface EventContent
    permits PcClientEvent, ImaTemplate, ImaTlv, Management, SystemdEvent, OpaqueContent {
  /** Returns whether its record is extended; false for EV_NO_ACTION, cel_version, firmware_end. */
  boolean measured();
}
