package dev.cairn.http;

import io.vertx.core.http.HttpMethod;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which action answers which path and method. A path has at most one variable part, one segment
 * long. Paths are compared as they came: there is one spelling of each, and no escape in it.
 */
final class Routes {
  /** Answers one request. */
  interface Action {
    void answer(Exchange exchange) throws ProblemException;
  }

  private static final String VARIABLE = "{";

  private final Map<String, Map<HttpMethod, Action>> exact = new HashMap<>();
  private final Map<String, Map<String, Map<HttpMethod, Action>>> variable = new LinkedHashMap<>();

  /**
   * Adds an action.
   *
   * @param template a path; at most one segment is a name in braces
   */
  Routes on(HttpMethod method, String template, Action action) {
    int open = template.indexOf(VARIABLE);
    if (open < 0) {
      exact.computeIfAbsent(template, path -> new HashMap<>()).put(method, action);
    } else {
      String tail = template.substring(template.indexOf('}') + 1);
      variable
          .computeIfAbsent(template.substring(0, open), prefix -> new HashMap<>())
          .computeIfAbsent(tail, path -> new HashMap<>())
          .put(method, action);
    }
    return this;
  }

  Routes get(String template, Action action) {
    return on(HttpMethod.GET, template, action);
  }

  /** Answers {@code exchange}: by its action, or with 404 or 405. */
  void answer(Exchange exchange) throws ProblemException {
    String path = exchange.request().path();
    Map<HttpMethod, Action> methods = path == null ? null : find(exchange, path);
    if (methods == null) {
      throw new ProblemException(
          new Problem(
                  ProblemType.NOT_FOUND,
                  "%s: nothing is here; GET /v1 lists what there is"
                      .formatted(Problem.shorten(String.valueOf(path))))
              .with("observed", Problem.shorten(String.valueOf(path))));
    }
    HttpMethod method = exchange.isHead() ? HttpMethod.GET : exchange.request().method();
    Action action = methods.get(method);
    if (action == null) {
      String allowed = allowed(methods.keySet());
      exchange.response().putHeader("allow", allowed);
      throw new ProblemException(
          Problem.of(
              ProblemType.METHOD_NOT_ALLOWED,
              "method",
              exchange.request().method().name(),
              allowed));
    }
    action.answer(exchange);
  }

  private @Nullable Map<HttpMethod, Action> find(Exchange exchange, String path) {
    for (Map.Entry<String, Map<String, Map<HttpMethod, Action>>> entry : variable.entrySet()) {
      int from = entry.getKey().length();
      if (path.length() > from && path.startsWith(entry.getKey())) {
        int slash = path.indexOf('/', from);
        int to = slash < 0 ? path.length() : slash;
        Map<HttpMethod, Action> methods = entry.getValue().get(path.substring(to));
        if (methods != null && to > from) {
          exchange.segment(path.substring(from, to));
          return methods;
        }
      }
    }
    return exact.get(path);
  }

  private static String allowed(Set<HttpMethod> methods) {
    Set<String> names = new TreeSet<>();
    for (HttpMethod method : methods) {
      names.add(method.name());
      if (method.equals(HttpMethod.GET)) {
        names.add(HttpMethod.HEAD.name());
      }
    }
    return String.join(", ", names);
  }
}
