package dev.cairn.http;

import dev.cairn.coco.AaelText;
import dev.cairn.coco.CocoPlatform;
import dev.cairn.coco.LogHeader;
import dev.cairn.measure.Bytes;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * How to answer clients of the agent of Confidential Containers.
 *
 * @param platform what the agent would be running on
 * @param events whether events are taken; the agent's {@code enable_eventlog}
 * @param pcr the PCR of events whose caller names none, a u64; see {@link
 *     dev.cairn.coco.RegisterMap}
 * @param text what an event may consist of
 * @param strict whether "not enabled" and "not supported" are answered with 501: some clients take
 *     every 2xx for success, and the agent answers both with 200
 * @param header what the log begins with where no firmware began one
 * @param folder where the encoded log is kept while the daemon runs
 * @param oncePerBoot {@code domain operation} of events that happen once in the life of the
 *     registers: the same content again is answered with success and not extended, another content
 *     is refused
 * @param mirror file that an unmodified agent reads the records from; nothing: none is written
 * @param tokenUpstream {@code http://HOST:PORT} of an agent that answers {@code /aa/token};
 *     nothing: there are no tokens
 * @param vcek DER certificate of the processor's key, which the platform {@code az-snp-vtpm} ships
 */
public record CocoSettings(
    CocoPlatform platform,
    boolean events,
    long pcr,
    AaelText text,
    boolean strict,
    LogHeader header,
    Path folder,
    Set<String> oncePerBoot,
    Optional<Path> mirror,
    Optional<String> tokenUpstream,
    Optional<Bytes> vcek) {
  /** Copies the set. */
  public CocoSettings {
    oncePerBoot = Set.copyOf(oncePerBoot);
  }

  /** Returns what the agent does by itself. */
  public static CocoSettings of(CocoPlatform platform, Path folder) {
    return new CocoSettings(
        platform,
        true,
        platform.defaultPcr(),
        AaelText.STRICT,
        false,
        LogHeader.UPSTREAM,
        folder,
        Set.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
