package dev.cairn.cli.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be configured. One name in three spellings: {@code http.body-limit} in the
 * file, {@code --http-body-limit} on the command line, {@code CAIRN_HTTP_BODY_LIMIT} in the
 * environment.
 */
public enum Key {
  /** Name of a backend. */
  BACKEND(
      "backend",
      Kind.TEXT,
      null,
      "where the registers are; 'emulator' measures nothing and must be asked for by name"),
  /** Folder. */
  STATE("state", Kind.TEXT, "/var/lib/cairn", "folder of the log, its lock and its index"),
  /** Addresses. */
  LISTEN(
      "listen",
      Kind.LIST,
      "unix:/run/cairn/cairn.sock",
      "address to answer at: HOST:PORT or unix:PATH; may be given several times"),
  /** A group. */
  GROUP("group", Kind.TEXT, null, "group that may read the log's files and use UNIX sockets"),
  /** Registers that the emulator shows. */
  PROFILE("profile", Kind.TEXT, "tdx", "registers that the emulator has: tdx, tpm or sample"),
  /** File. */
  EMULATOR_REGISTERS(
      "emulator.registers",
      Kind.TEXT,
      null,
      "file that holds the emulator's registers; emulator.registers in the state folder if not given"),
  /** File. */
  EMULATOR_FAULTS(
      "emulator.faults", Kind.TEXT, null, "script of faults that the emulator plays; for tests"),
  /** File. */
  EMULATOR_FIRMWARE_LOG(
      "emulator.firmware-log",
      Kind.TEXT,
      null,
      "file that plays the firmware's log below the emulator; for tests"),
  /** Registers. */
  REGISTERS(
      "registers",
      Kind.LIST,
      null,
      "registers of hardware that Cairn extends, separated by commas, or none; pcr14 of a TPM, rtmr2,rtmr3 of TDX if not given"),
  /** An address. */
  TPM(
      "tpm",
      Kind.TEXT,
      null,
      "where the TPM is: device:PATH, unix:PATH or tcp:HOST:PORT, or sysfs:PATH for reading only; /dev/tpmrm0, else /dev/tpm0, if not given"),
  /** Yes or no. */
  ALLOW_RESETTABLE(
      "allow-resettable",
      Kind.FLAG,
      "false",
      "whether registers may be ones that software can reset (PCR 16 and 23); for development"),
  /** A key. */
  ATTESTATION_KEY(
      "attestation-key",
      Kind.TEXT,
      "ecc",
      "key of a TPM that signs quotes: ecc or rsa (made by Cairn), handle:0x81010002 (persistent), azure, gcp-ecc, gcp-rsa, or none"),
  /** Time. */
  DEVICE_TIMEOUT(
      "device-timeout", Kind.DURATION, "10s", "how long to wait for one answer of a TPM"),
  /** Folder. */
  SYSFS_ROOT(
      "sysfs-root",
      Kind.TEXT,
      null,
      "root of sysfs, with the logs of firmware and IMA below kernel/security; /sys if not given"),
  /** Folder. */
  CONFIGFS_ROOT(
      "configfs-root", Kind.TEXT, null, "root of configfs; /sys/kernel/config if not given"),
  /** An interface. */
  TDX_INTERFACE(
      "tdx.interface",
      Kind.TEXT,
      null,
      "the kernel's interface to TDX registers: sysfs, configfs or tdreport; the first that is there if not given"),
  /** A device. */
  TDX_PROVIDER(
      "tdx.provider",
      Kind.TEXT,
      null,
      "misc device in sysfs that has the registers; tdx_guest, or the only one, if not given"),
  /** File. */
  TDX_DEVICE(
      "tdx.device",
      Kind.TEXT,
      null,
      "device node of the TDX guest driver; /dev/tdx_guest if not given"),
  /** A name. */
  TDX_TRACE(
      "tdx.trace",
      Kind.TEXT,
      null,
      "trace instance of the kernel that shows extends of others, or none; cairn if not given"),
  /** File. */
  SYSTEMD_LOG(
      "systemd-log",
      Kind.TEXT,
      null,
      "log of systemd's measurements; tpm2-measure.log or, with TDX, cc-measure.log in /run/log/systemd if not given"),
  /** File. */
  BOOT_ID(
      "boot-id",
      Kind.TEXT,
      null,
      "file with the kernel's boot id; /proc/sys/kernel/random/boot_id if not given"),
  /** Events. */
  QUEUE_LIMIT("queue-limit", Kind.COUNT, "4096", "events that may wait; one more gets 503"),
  /** Events. */
  BATCH_LIMIT("batch-limit", Kind.COUNT, "1024", "events that share one write and one fdatasync"),
  /** Records. */
  CHECKPOINT_INTERVAL(
      "checkpoint-interval",
      Kind.COUNT,
      "4096",
      "records between two stored register values; bounds the replay at start"),
  /** Bytes. */
  EVENT_LIMIT("event-limit", Kind.SIZE, "1MiB", "event data of one event"),
  /** What to do with a register whose value no log explains. */
  ON_DIVERGENCE(
      "on-divergence",
      Kind.TEXT,
      "refuse",
      "what to do with a register whose value no log explains: refuse or continue"),
  /** Bytes. */
  SEGMENT_SIZE("log.segment-size", Kind.SIZE, "64MiB", "size at which a file of the log is sealed"),
  /** Keys. */
  IDEMPOTENCY_KEYS(
      "log.idempotency-keys", Kind.COUNT, "16384", "newest idempotency keys that are remembered"),
  /** Bytes. */
  BODY_LIMIT("http.body-limit", Kind.SIZE, "1MiB", "body of a request; a larger one gets 413"),
  /** Bytes. */
  ALL_BODIES_LIMIT(
      "http.all-bodies-limit",
      Kind.SIZE,
      "8MiB",
      "bodies of all requests in flight; one more gets 503"),
  /** Bytes. */
  HEADER_LIMIT("http.header-limit", Kind.SIZE, "8KiB", "headers of a request; more get 431"),
  /** Bytes. */
  REQUEST_LINE_LIMIT("http.request-line-limit", Kind.SIZE, "4KiB", "request line; longer gets 414"),
  /** Connections. */
  CONNECTIONS("http.connections", Kind.COUNT, "1024", "connections at a time; one more gets 503"),
  /** Transfers. */
  LOG_TRANSFERS("http.log-transfers", Kind.COUNT, "64", "logs being sent at a time"),
  /** Streams. */
  EVENT_STREAMS("http.event-streams", Kind.COUNT, "64", "clients that follow the log at a time"),
  /** Time. */
  REQUEST_TIMEOUT(
      "http.request-timeout", Kind.DURATION, "30s", "from a request's headers to its last byte"),
  /** Time. */
  IDLE_TIMEOUT("http.idle-timeout", Kind.DURATION, "60s", "silence that ends a connection"),
  /** Time. */
  HEARTBEAT("http.heartbeat", Kind.DURATION, "15s", "pause between signs of life to followers"),
  /** A switch. */
  COCO_API(
      "coco.api",
      Kind.TEXT,
      "on",
      "answer clients of the Confidential Containers agent: on or off"),
  /** A platform. */
  COCO_TEE(
      "coco.tee",
      Kind.TEXT,
      "auto",
      "what the agent would run on: auto (by the backend), tdx, tpm, tpm-keylime, az-snp-vtpm, sample, sample-tdx or sample-tpm"),
  /** A PCR. */
  COCO_INIT_PCR(
      "coco.init-pcr",
      Kind.TEXT,
      null,
      "PCR of events whose client names none; 17 where PCRs are mapped to RTMRs, 16 on a TPM"),
  /** A switch. */
  COCO_EVENTS(
      "coco.events",
      Kind.TEXT,
      "on",
      "take events at /aa/aael: on or off (the agent's enable_eventlog)"),
  /** A rule. */
  COCO_TEXT(
      "coco.text",
      Kind.TEXT,
      "strict",
      "what events may consist of: strict (as specified) or lenient (as the agent checks)"),
  /** A switch. */
  COCO_STRICT_STATUS(
      "coco.strict-status",
      Kind.TEXT,
      "off",
      "answer 501 where the agent refuses with 200, for clients that take every 2xx for success: on or off"),
  /** A header. */
  COCO_HEADER(
      "coco.header",
      Kind.TEXT,
      "upstream",
      "first record of a log that no firmware began: upstream, legacy or fork"),
  /** Events. */
  COCO_ONCE_PER_BOOT(
      "coco.once-per-boot",
      Kind.LIST,
      null,
      "'DOMAIN OPERATION' of an event that happens once per boot: the same again is not extended, another is refused"),
  /** File. */
  COCO_MIRROR(
      "coco.mirror",
      Kind.TEXT,
      null,
      "file of bare records for an unmodified agent, e.g. /run/attestation-agent/eventlog"),
  /** File. */
  COCO_VCEK(
      "coco.vcek",
      Kind.TEXT,
      null,
      "file with the certificate of the processor's key, PEM or DER, for az-snp-vtpm"),
  /** A URL. */
  COCO_TOKEN_UPSTREAM(
      "coco.token-upstream",
      Kind.TEXT,
      null,
      "http://HOST:PORT of an agent that answers /aa/token; without it there are no tokens"),
  /** Time. */
  SHUTDOWN_TIMEOUT(
      "shutdown-timeout", Kind.DURATION, "10s", "how long requests in flight may take to finish");

  private final String label;
  private final Kind kind;
  private final @Nullable String fallback;
  private final String help;

  Key(String label, Kind kind, @Nullable String fallback, String help) {
    this.label = label;
    this.kind = kind;
    this.fallback = fallback;
    this.help = help;
  }

  /** Returns the name in the file, e.g. {@code http.body-limit}. */
  public String label() {
    return label;
  }

  /** Returns the option, e.g. {@code --http-body-limit}. */
  public String flag() {
    return "--" + label.replace('.', '-');
  }

  /** Returns the environment variable, e.g. {@code CAIRN_HTTP_BODY_LIMIT}. */
  public String variable() {
    return "CAIRN_" + label.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** Returns one line for people. */
  public String help() {
    return help;
  }

  /** Returns what holds if nobody says anything, as text. */
  public Optional<String> fallback() {
    return Optional.ofNullable(fallback);
  }

  /** Returns whether it may be given more than once. */
  public boolean repeatable() {
    return kind == Kind.LIST;
  }

  /** Returns whether its values are text, which TOML quotes. */
  public boolean isText() {
    return kind != Kind.COUNT && kind != Kind.FLAG;
  }

  /** Returns what stands for its value in help, e.g. {@code SIZE}. */
  public String placeholder() {
    return switch (this) {
      case LISTEN -> "ADDRESS";
      case REGISTERS -> "NAMES";
      default -> kind.name();
    };
  }

  Kind kind() {
    return kind;
  }

  /** Returns the key with this {@link #label()}. */
  public static Optional<Key> ofLabel(String label) {
    for (Key key : values()) {
      if (key.label.equals(label)) {
        return Optional.of(key);
      }
    }
    return Optional.empty();
  }

  static List<String> labels() {
    List<String> labels = new ArrayList<>();
    for (Key key : values()) {
      labels.add(key.label);
    }
    return labels;
  }
}
