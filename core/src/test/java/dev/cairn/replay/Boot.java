package dev.cairn.replay;

import dev.cairn.eventlog.Limits;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Json;
import dev.cairn.testing.Vectors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A captured boot: its logs in the order of history and what the registers held. */
record Boot(String folder, Map<String, Object> info) {
  private static Stream<Boot> everything() {
    return Json.parseObject(Vectors.bytes("boot/expected.json")).entrySet().stream()
        .map(entry -> new Boot(entry.getKey(), Json.object(entry.getValue())));
  }

  /** Returns the boots with a TPM. */
  static Stream<Boot> all() {
    return everything().filter(boot -> boot.info.containsKey("pcrs_equal_replay"));
  }

  static Boot of(String folder) {
    return everything().filter(boot -> boot.folder.equals(folder)).findFirst().orElseThrow();
  }

  /** Firmware log first, then the IMA lists of the banks that the TPM has. */
  List<LogSource> logs() {
    List<LogSource> logs = new ArrayList<>();
    Json.object(info, "logs").entrySet().stream()
        .filter(log -> !Boolean.FALSE.equals(Json.object(log.getValue()).get("bank_active")))
        .filter(
            log -> VectorLogs.canRead(String.valueOf(Json.object(log.getValue()).get("format"))))
        .filter(log -> !isStagedPart(log.getKey()))
        .sorted(Comparator.comparing(log -> !log.getKey().contains("bios")))
        .forEach(log -> logs.add(log(log.getKey())));
    return logs;
  }

  private boolean isStagedPart(String name) {
    return folder.contains("staging") && !name.contains("bios");
  }

  LogSource log(String name) {
    Map<String, Object> log = Json.object(Json.object(info, "logs").get(name));
    return VectorLogs.of("boot/" + folder + "/" + name, String.valueOf(log.get("format")));
  }

  /** All PCRs that the logs replay to, and those that nothing extended, in every bank. */
  RegisterValues explainedPcrs() {
    Set<String> numbers = new TreeSet<>();
    for (String list : List.of("pcrs_equal_replay", "pcrs_at_reset_value")) {
      Json.object(info, list).values().forEach(pcrs -> numbersOf(pcrs).forEach(numbers::add));
    }
    extendedByHand().forEach(numbers::remove);
    return pcrs(numbers, EnumSet.allOf(HashAlgorithm.class));
  }

  /** PCRs that the guest extended besides, without a log. */
  Set<String> extendedByHand() {
    Set<String> numbers = new TreeSet<>();
    ((List<?>) info.getOrDefault("extends_in_no_log", List.of()))
        .forEach(one -> numbers.add(String.valueOf(Json.object(one).get("pcr"))));
    return numbers;
  }

  private static Stream<String> numbersOf(Object list) {
    return ((List<?>) list).stream().map(String::valueOf);
  }

  /** Returns what the PCRs with these numbers held, in those of {@code banks} that were active. */
  RegisterValues pcrs(Set<String> numbers, Set<HashAlgorithm> banks) {
    Map<String, Object> after =
        Json.object(Json.parseObject(Vectors.bytes("boot/" + folder + "/pcrs.json")), "after");
    Map<RegisterId, DigestSet> values = new HashMap<>();
    for (String number : numbers) {
      List<Digest> digests = new ArrayList<>();
      after.forEach(
          (name, pcrs) -> {
            HashAlgorithm bank = HashAlgorithm.ofBank(name).orElseThrow();
            String hex = String.valueOf(Json.object(pcrs).get(number));
            if (banks.contains(bank)) {
              digests.add(new Digest(bank, Bytes.fromHex(hex)));
            }
          });
      values.put(RegisterId.pcr(Long.parseLong(number)), DigestSet.of(digests));
    }
    return RegisterValues.of(values);
  }

  VerificationReport verify(List<LogSource> logs, RegisterValues values) throws IOException {
    return Verifier.verify(logs, values, VerifyOptions.STRICT, Limits.DEFAULT);
  }

  @Override
  public String toString() {
    return folder;
  }
}
