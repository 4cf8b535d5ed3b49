package dev.cairn.http;

import dev.cairn.eventlog.LogFormat;
import dev.cairn.measure.RegisterId;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What part of the log is wanted, and how.
 *
 * @param offer format and media type
 * @param register records of this register only; nothing: of all
 * @param from first record: a position in the log or, with a register, a number in that register
 * @param until position that the log is to be cut at, as if it ended there; nothing: as it is
 * @param limit how many records at the most
 */
record LogQuery(
    LogMediaTypes.Offer offer,
    Optional<RegisterId> register,
    long from,
    OptionalLong until,
    long limit) {
  private static final Set<String> PARAMETERS =
      Set.of("format", "register", "from", "until", "limit");

  /**
   * Reads query and Accept.
   *
   * @throws ProblemException 400 for a parameter, 404 for a register, 406 for Accept
   */
  static LogQuery of(HttpServerRequest request) throws ProblemException {
    Parameters parameters = Parameters.parse(request.query(), PARAMETERS);
    Optional<String> format = parameters.text("format");
    Optional<String> register = parameters.text("register");
    long from = parameters.number("from", 0).orElse(0);
    OptionalLong until = parameters.number("until", 0);
    if (register.isEmpty() && until.isPresent() && until.getAsLong() < from) {
      throw Parameters.invalid("until", Long.toString(until.getAsLong()), "from, or more");
    }
    return new LogQuery(
        format.isPresent() ? named(format.get()) : accepted(request),
        register.isPresent()
            ? Optional.of(Registers.parse(register.get()))
            : Optional.<RegisterId>empty(),
        from,
        until,
        parameters.number("limit", 1).orElse(Long.MAX_VALUE));
  }

  private static LogMediaTypes.Offer named(String label) throws ProblemException {
    return LogMediaTypes.ofLabel(label)
        .orElseThrow(
            () ->
                Parameters.invalid(
                    "format", label, "one of " + String.join(", ", LogMediaTypes.labels())));
  }

  private static LogMediaTypes.Offer accepted(HttpServerRequest request) throws ProblemException {
    List<String> values = request.headers().getAll(HttpHeaders.ACCEPT);
    String accept = values.isEmpty() ? null : String.join(",", values);
    return LogMediaTypes.negotiate(accept)
        .orElseThrow(
            () ->
                new ProblemException(
                    Problem.of(
                        ProblemType.NOT_ACCEPTABLE,
                        "accept",
                        String.valueOf(accept),
                        "one of the formats that GET /openapi.yaml lists, or ?format=")));
  }

  LogFormat format() {
    return offer.format();
  }

  /** Returns whether the answer is a run of bytes of the files. */
  boolean isPlain() {
    return register.isEmpty() && format() == LogFormat.CEL_TLV;
  }

  /**
   * Returns the position after the last record that is looked at in a log that ends at {@code end}.
   */
  long endPosition(long end) {
    long cut = Math.min(end, until.orElse(end));
    return register.isPresent() || limit > cut - from ? cut : from + limit;
  }

  /**
   * Returns the strong validator of the answer: committed records never change, so two positions
   * and an epoch say it all.
   */
  String entityTag(String epoch, long end) {
    StringBuilder tag = new StringBuilder(64);
    tag.append('"').append(epoch).append('.').append(from).append('.').append(endPosition(end));
    tag.append('.').append(format().label());
    register.ifPresent(id -> tag.append('.').append(id.name()).append('.').append(limit));
    return tag.append('"').toString();
  }
}
