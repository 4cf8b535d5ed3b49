package dev.cairn.http;

/** Ends the handling of a request with a problem. */
final class ProblemException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  ProblemException(Problem problem) {
    super(problem.detail(), null, false, false); // an answer, not a defect: no stack to walk
    this.problem = problem;
  }

  ProblemException(ProblemType type, String detail) {
    this(new Problem(type, detail));
  }

  Problem problem() {
    return problem;
  }
}
