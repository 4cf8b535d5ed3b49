package dev.cairn.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.cairn.eventlog.Limits;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads one document of {@link RegisterValues}. */
final class RegisterValuesReader {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(64)
                  .maxNameLength(1024)
                  .maxStringLength(1 << 20)
                  .maxDocumentLength(16L << 20)
                  .build())
          .build();
  private static final String REGISTERS = "registers";

  private final Limits limits;
  private final Map<HashAlgorithm, Map<String, Digest>> banks = new EnumMap<>(HashAlgorithm.class);
  private int values;
  private @Nullable String numbering;
  private @Nullable String numberingOfInfo;

  RegisterValuesReader(Limits limits) {
    this.limits = limits;
  }

  RegisterValues read(InputStream in) throws IOException {
    try (JsonParser parser = JSON.createParser(in)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new InvalidValuesException("values", "needs one JSON object");
      }
      RegisterValues read = readObject(parser);
      if (parser.nextToken() != null) {
        throw new InvalidValuesException("values", "more follows after the JSON object");
      }
      return read;
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation(); // null where a limit of the parser is exceeded
      throw new InvalidValuesException(
          "values",
          (at == null ? "" : "line %d: ".formatted(at.getLineNr())) + e.getOriginalMessage(),
          e);
    }
  }

  /** Reads from the object's beginning, where {@code parser} is, to its end. */
  RegisterValues readObject(JsonParser parser) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      readMember(parser);
    }
    return assemble();
  }

  private void readMember(JsonParser parser) throws IOException {
    String name = parser.currentName();
    JsonToken value = parser.nextToken();
    Optional<HashAlgorithm> bank = HashAlgorithm.ofBank(name);
    if (bank.isPresent()) {
      requireObject(name, value);
      banks.put(bank.get(), readBank(parser, bank.get()));
    } else if (name.equals(REGISTERS)) {
      numbering = readNumbering(parser, REGISTERS);
    } else if (name.equals("info") && value == JsonToken.START_OBJECT) {
      readInfo(parser);
    } else {
      parser.skipChildren();
    }
  }

  private void readInfo(JsonParser parser) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals(REGISTERS)) {
        numberingOfInfo = readNumbering(parser, "info.registers");
      } else {
        parser.skipChildren();
      }
    }
  }

  private static String readNumbering(JsonParser parser, String member) throws IOException {
    String text = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
    switch (text) {
      case "pcr", "ccmr", "rtmr", "nv", "mixed" -> {
        return text;
      }
      default ->
          throw new InvalidValuesException(
              member, "'%s' is no numbering: needs pcr, ccmr, rtmr, nv or mixed".formatted(text));
    }
  }

  private static void requireObject(String member, @Nullable JsonToken value)
      throws InvalidValuesException {
    if (value != JsonToken.START_OBJECT) {
      throw new InvalidValuesException(member, "needs an object {\"<register>\": \"<hex>\"}");
    }
  }

  private Map<String, Digest> readBank(JsonParser parser, HashAlgorithm bank) throws IOException {
    Map<String, Digest> result = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      String member = bank.bank() + "." + key;
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw new InvalidValuesException(member, "needs a string of hexadecimal digits");
      }
      if (++values > (long) limits.maxRegisters() * HashAlgorithm.values().length) {
        throw new InvalidValuesException(
            member, "more than %d registers".formatted(limits.maxRegisters()));
      }
      result.put(key, parseValue(member, bank, parser.getText()));
    }
    return result;
  }

  private static Digest parseValue(String member, HashAlgorithm bank, String hex)
      throws InvalidValuesException {
    if (hex.length() != 2 * bank.sizeBytes()) {
      throw new InvalidValuesException(
          member, "%d hexadecimal digits, needs %d".formatted(hex.length(), 2 * bank.sizeBytes()));
    }
    try {
      return new Digest(bank, Bytes.fromHex(hex));
    } catch (IllegalArgumentException e) {
      throw new InvalidValuesException(member, "'%s' is not hexadecimal".formatted(hex), e);
    }
  }

  private RegisterValues assemble() throws InvalidValuesException {
    String space = numbering != null ? numbering : numberingOfInfo;
    Map<RegisterId, List<Digest>> byRegister = new LinkedHashMap<>();
    for (Map.Entry<HashAlgorithm, Map<String, Digest>> bank : banks.entrySet()) {
      for (Map.Entry<String, Digest> entry : bank.getValue().entrySet()) {
        String member = bank.getKey().bank() + "." + entry.getKey();
        RegisterId id = parseRegister(member, entry.getKey(), space);
        byRegister.computeIfAbsent(id, any -> new ArrayList<>()).add(entry.getValue());
      }
    }
    if (byRegister.isEmpty()) {
      throw new InvalidValuesException(
          "values",
          "no register value in it: needs an object per bank, e.g. \"sha256\": {\"0\": \"<hex>\"}");
    }
    if (byRegister.size() > limits.maxRegisters()) {
      throw new InvalidValuesException(
          "values", "%d registers, at most %d".formatted(byRegister.size(), limits.maxRegisters()));
    }
    return toValues(byRegister);
  }

  private static RegisterValues toValues(Map<RegisterId, List<Digest>> byRegister)
      throws InvalidValuesException {
    Map<RegisterId, DigestSet> result = new LinkedHashMap<>();
    for (Map.Entry<RegisterId, List<Digest>> entry : byRegister.entrySet()) {
      try {
        result.put(entry.getKey(), DigestSet.of(entry.getValue()));
      } catch (IllegalArgumentException e) { // e.g. "2" and "rtmr2" of one bank
        throw new InvalidValuesException(entry.getKey().name(), e.getMessage() + " given", e);
      }
    }
    return RegisterValues.of(result);
  }

  private static RegisterId parseRegister(String member, String key, @Nullable String space)
      throws InvalidValuesException {
    Optional<RegisterId> named = RegisterId.parse(key);
    if (named.isPresent()) {
      return named.get();
    }
    if (!key.matches("0|[1-9][0-9]{0,9}")) {
      throw new InvalidValuesException(
          member, "'%s' is no register: needs a number or a name such as rtmr2".formatted(key));
    }
    if (space == null || space.equals("mixed")) {
      throw new InvalidValuesException(
          REGISTERS, "missing: needs pcr, ccmr or rtmr to say what register %s is".formatted(key));
    }
    try {
      return ofNumber(space, Long.parseLong(key));
    } catch (IllegalArgumentException e) {
      throw new InvalidValuesException(member, String.valueOf(e.getMessage()), e);
    }
  }

  private static RegisterId ofNumber(String space, long number) {
    return switch (space) {
      case "rtmr" -> RegisterId.rtmr((int) Math.min(number, Integer.MAX_VALUE));
      case "ccmr" -> new RegisterId(RegisterId.Kind.CCMR, number);
      case "nv" -> new RegisterId(RegisterId.Kind.NV, number);
      default -> RegisterId.pcr(number);
    };
  }
}
