package dev.cairn.http;

import dev.cairn.measure.RegisterId;

/** Names of registers as they come in paths and parameters. */
final class Registers {
  private Registers() {}

  /**
   * Parses a name.
   *
   * @throws ProblemException 404 if it is no name of a register
   */
  static RegisterId parse(String name) throws ProblemException {
    return RegisterId.parse(name).orElseThrow(() -> unknown(name));
  }

  static ProblemException unknown(String name) {
    return new ProblemException(
        Problem.of(
                ProblemType.UNKNOWN_REGISTER,
                "register",
                name,
                "a register of this backend, such as rtmr2 or pcr16; GET /v1/registers lists them")
            .with("register", Problem.shorten(name)));
  }
}
