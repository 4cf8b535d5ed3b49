package dev.cairn.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.measure.RegisterLife;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * {@code epoch.json}. A directory without it is no epoch: it is written last, beside its place, and
 * renamed. Members that are not in this table are refused, for they would be lost at the next
 * change.
 *
 * <pre>
 * {
 *   "version": 1,
 *   "backend": "tdx",
 *   "created": "2026-01-01T00:00:00Z",
 *   "boot_id": "…",
 *   "reset_count": 5,               may be missing
 *   "restart_count": 0,             may be missing
 *   "registers": {
 *     "rtmr0": {"origin": "CCEL", "value": {"sha384": "…hex…"}}
 *   },
 *   "owned": ["rtmr2", "rtmr3"]     missing where all are
 * }
 * </pre>
 */
final class EpochHeaderFile {
  private static final String NAME = "epoch.json";
  private static final int VERSION = 1;
  private static final int MAX_BYTES = 1 << 20;
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private EpochHeaderFile() {}

  static boolean exists(Path directory) {
    return Files.exists(directory.resolve(NAME));
  }

  /** Replaces the header of {@code directory} in one step, durably. */
  static void write(Disk disk, Path directory, EpochHeader header) throws StorageException {
    Path beside = directory.resolve(NAME + ".new");
    try {
      disk.delete(beside);
      try (Disk.WritableFile file = disk.create(beside)) {
        Disk.writeFully(file, ByteBuffer.wrap(encode(header)), 0);
        file.sync();
      }
      disk.replace(beside, directory.resolve(NAME));
      disk.syncDirectory(directory);
    } catch (IOException e) {
      throw StorageException.recovered(
          directory.resolve(NAME), "header cannot be written; the one before stays", e);
    }
  }

  static byte[] encode(EpochHeader header) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeNumberField("version", VERSION);
      json.writeStringField("backend", header.backend());
      json.writeStringField("created", header.created().toString());
      json.writeStringField("boot_id", header.life().bootId());
      if (header.life().resetCount().isPresent()) {
        json.writeNumberField("reset_count", header.life().resetCount().getAsLong());
      }
      if (header.life().restartCount().isPresent()) {
        json.writeNumberField("restart_count", header.life().restartCount().getAsLong());
      }
      json.writeObjectFieldStart("registers");
      for (Map.Entry<RegisterId, StartValue> entry : header.startValues().entrySet()) {
        json.writeObjectFieldStart(entry.getKey().name());
        json.writeStringField("origin", entry.getValue().origin());
        json.writeObjectFieldStart("value");
        for (Digest digest : entry.getValue().value()) {
          json.writeStringField(digest.algorithm().bank(), digest.value().toHex());
        }
        json.writeEndObject();
        json.writeEndObject();
      }
      json.writeEndObject();
      if (!header.owned().equals(header.startValues().keySet())) {
        json.writeArrayFieldStart("owned");
        for (RegisterId register : header.owned()) {
          json.writeString(register.name());
        }
        json.writeEndArray();
      }
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /**
   * Reads the header of {@code directory}.
   *
   * @throws IOException that names the file and the member if it is not as the table says
   */
  static EpochHeader read(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new IOException("%s: %d bytes, needs up to %d".formatted(file, size, MAX_BYTES));
    }
    try {
      return decode(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new IOException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  static EpochHeader decode(byte[] bytes) throws IOException {
    try (JsonParser json = JSON.createParser(bytes)) {
      EpochHeader header = new Decoder(json).header();
      if (json.nextToken() != null) {
        throw new IOException("something follows the header");
      }
      return header;
    }
  }

  /** Reads one header; every member at most once, none that is unknown. */
  private static final class Decoder {
    private final JsonParser json;
    private long version;
    private @Nullable String backend;
    private @Nullable Instant created;
    private @Nullable String bootId;
    private OptionalLong resetCount = OptionalLong.empty();
    private OptionalLong restartCount = OptionalLong.empty();
    private @Nullable Map<RegisterId, StartValue> registers;
    private @Nullable Set<RegisterId> owned;

    Decoder(JsonParser json) {
      this.json = json;
    }

    EpochHeader header() throws IOException {
      startObject("header");
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        member(json.currentName());
      }
      if (version != VERSION) {
        throw new IOException("version %d: this Cairn reads %d".formatted(version, VERSION));
      }
      Map<RegisterId, StartValue> values = require("registers", registers);
      return new EpochHeader(
          require("backend", backend),
          new RegisterLife(require("boot_id", bootId), resetCount, restartCount),
          require("created", created),
          values,
          owned == null ? values.keySet() : owned);
    }

    private void member(String name) throws IOException {
      switch (name) {
        case "version" -> version = number(name);
        case "backend" -> backend = text(name);
        case "created" -> created = instant(name);
        case "boot_id" -> bootId = text(name);
        case "reset_count" -> resetCount = OptionalLong.of(number(name));
        case "restart_count" -> restartCount = OptionalLong.of(number(name));
        case "registers" -> registers = registers();
        case "owned" -> owned = owned();
        default -> throw unknown(name);
      }
    }

    private Map<RegisterId, StartValue> registers() throws IOException {
      startObject("registers");
      Map<RegisterId, StartValue> values = new TreeMap<>();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        values.put(register("registers", name), startValue(name));
      }
      return values;
    }

    private Set<RegisterId> owned() throws IOException {
      if (json.nextToken() != JsonToken.START_ARRAY) {
        throw new IOException("owned: needs an array");
      }
      Set<RegisterId> registersOwned = new TreeSet<>();
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
          throw new IOException("owned: needs names of registers");
        }
        registersOwned.add(register("owned", json.getText()));
      }
      return registersOwned;
    }

    private static RegisterId register(String member, String name) throws IOException {
      return RegisterId.parse(name)
          .orElseThrow(() -> new IOException(member + ": no register has the name " + name));
    }

    private StartValue startValue(String register) throws IOException {
      startObject(register);
      String origin = null;
      DigestSet value = null;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        switch (json.currentName()) {
          case "origin" -> origin = text("origin");
          case "value" -> value = digests(register);
          default -> throw unknown(register + "." + json.currentName());
        }
      }
      return new StartValue(
          require(register + ".value", value), require(register + ".origin", origin));
    }

    private DigestSet digests(String register) throws IOException {
      startObject(register + ".value");
      List<Digest> digests = new ArrayList<>();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String bank = json.currentName();
        HashAlgorithm algorithm =
            HashAlgorithm.ofBank(bank)
                .orElseThrow(() -> new IOException(register + ".value: no bank is named " + bank));
        try {
          digests.add(new Digest(algorithm, Bytes.fromHex(text(bank))));
        } catch (IllegalArgumentException e) {
          throw new IOException("%s.value.%s: %s".formatted(register, bank, e.getMessage()), e);
        }
      }
      return DigestSet.of(digests);
    }

    private void startObject(String name) throws IOException {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException(name + ": needs an object");
      }
    }

    private String text(String name) throws IOException {
      if (json.nextToken() != JsonToken.VALUE_STRING) {
        throw new IOException(name + ": needs a string");
      }
      return json.getText();
    }

    private long number(String name) throws IOException {
      if (json.nextToken() != JsonToken.VALUE_NUMBER_INT) {
        throw new IOException(name + ": needs an integer");
      }
      return json.getLongValue();
    }

    private Instant instant(String name) throws IOException {
      String text = text(name);
      try {
        return Instant.parse(text);
      } catch (DateTimeException e) {
        throw new IOException("%s: %s is no time of RFC 3339".formatted(name, text), e);
      }
    }

    private static <T> T require(String name, @Nullable T value) throws IOException {
      if (value == null) {
        throw new IOException(name + ": missing");
      }
      return value;
    }

    private static IOException unknown(String name) {
      return new IOException(
          name + ": unknown member; was it written by a later version? This one would lose it");
    }
  }
}
