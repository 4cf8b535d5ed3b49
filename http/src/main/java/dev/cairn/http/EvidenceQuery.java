package dev.cairn.http;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.RegisterId;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What evidence is wanted.
 *
 * @param request nonce, registers and banks
 * @param firmwareLog whether the firmware's log comes with it
 * @param log whether the log itself does
 */
record EvidenceQuery(QuoteRequest request, boolean firmwareLog, boolean log) {
  private static final String NONCE = "nonce";
  private static final Set<String> PARAMETERS =
      Set.of(NONCE, "registers", "banks", "firmware_log", "log");
  private static final int MAX_NAMES = 64;

  /**
   * Reads the query.
   *
   * @param known all registers of the backend
   * @throws ProblemException 400 for a parameter, 404 for a register
   */
  static EvidenceQuery of(@Nullable String query, Set<RegisterId> known) throws ProblemException {
    Parameters parameters = Parameters.parse(query, PARAMETERS);
    SortedSet<RegisterId> registers = new TreeSet<>();
    for (String name : names(parameters, "registers")) {
      RegisterId register = Registers.parse(name);
      if (!known.contains(register)) {
        throw Registers.unknown(name);
      }
      registers.add(register);
    }
    SortedSet<HashAlgorithm> banks = new TreeSet<>();
    for (String name : names(parameters, "banks")) {
      banks.add(
          HashAlgorithm.ofBank(name)
              .orElseThrow(
                  () -> Parameters.invalid("banks", name, "banks such as sha256, with commas")));
    }
    return new EvidenceQuery(
        new QuoteRequest(nonce(parameters), registers, banks),
        parameters.flag("firmware_log"),
        parameters.flag("log", true));
  }

  private static List<String> names(Parameters parameters, String name) throws ProblemException {
    Optional<String> value = parameters.text(name);
    if (value.isEmpty()) {
      return List.of();
    }
    List<String> names = Arrays.asList(value.get().split(",", MAX_NAMES + 1));
    if (names.size() > MAX_NAMES) {
      throw Parameters.invalid(name, value.get(), "at most " + MAX_NAMES + " names");
    }
    return names;
  }

  /** A '+' of standard base64 arrives as a space unless it was escaped. */
  private static Bytes nonce(Parameters parameters) throws ProblemException {
    String expected =
        "0 to %d bytes in base64url or base64 ('+' written as %%2B); hash what is longer"
            .formatted(QuoteRequest.MAX_NONCE_BYTES);
    String text =
        parameters.text(NONCE).orElseThrow(() -> Parameters.invalid(NONCE, "missing", expected));
    boolean url = text.indexOf('-') >= 0 || text.indexOf('_') >= 0;
    byte[] nonce;
    try {
      nonce = (url ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text);
    } catch (IllegalArgumentException e) {
      throw Parameters.invalid(NONCE, text, expected);
    }
    if (nonce.length > QuoteRequest.MAX_NONCE_BYTES) {
      throw Parameters.invalid(NONCE, nonce.length + " bytes", expected);
    }
    return Bytes.owning(nonce);
  }
}
