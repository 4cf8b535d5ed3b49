package dev.cairn.cli;

import dev.cairn.cli.client.Answer;
import dev.cairn.cli.client.Endpoint;
import dev.cairn.cli.client.HttpClient;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How commands reach the service: the options they share, and what they do with its refusals. */
final class ServiceOptions {
  private static final String DEFAULT_URL = "unix:/run/cairn/cairn.sock";
  private static final int MAX_PROBLEM_BYTES = 1 << 20;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "${env:CAIRN_URL:-" + DEFAULT_URL + "}",
      description = {
        "where the service is: http://HOST:PORT, https://HOST:PORT or unix:PATH",
        "(CAIRN_URL, else " + DEFAULT_URL + ")"
      })
  private String url = DEFAULT_URL;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "longest wait for an answer (${DEFAULT-VALUE})")
  private int timeoutSeconds;

  /** Returns a client for what the user named. */
  HttpClient client() {
    if (timeoutSeconds < 1) {
      throw new ParameterException(
          spec.commandLine(), "--timeout: " + timeoutSeconds + ": needs 1 or more seconds");
    }
    return client(Duration.ofSeconds(timeoutSeconds));
  }

  /** Returns a client that waits for {@code timeout}. */
  HttpClient client(Duration timeout) {
    try {
      return new HttpClient(Endpoint.parse(url), timeout);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--url: " + e.getMessage(), e);
    }
  }

  /**
   * Turns an answer that is not 2xx into an error that says what the service said.
   *
   * @param console where the problem goes as JSON if the user asked for JSON; null if not
   */
  static CommandException refusal(Answer answer, @Nullable Console console) throws IOException {
    byte[] body = answer.readBody(MAX_PROBLEM_BYTES);
    String status = "HTTP " + answer.status();
    if (!answer.header("content-type").orElse("").startsWith("application/problem+json")
        || !(Json.read(body) instanceof Map<?, ?> problem)) {
      return new CommandException(
          ExitStatus.NO, "the service answers " + status + " without saying why; is it Cairn?");
    }
    if (console != null) {
      console.out().write(body);
      console.println("");
    }
    return new CommandException(
        ExitStatus.NO,
        "refused: %s (%s, %s)".formatted(problem.get("detail"), problem.get("type"), status));
  }
}
