package dev.cairn.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code openapi.yaml}, held against answers; remembers which of its promises were tried. */
final class Contract {
  private static final ObjectMapper JSON = JsonMapper.shared();

  /** Headers of HTTP itself, which a contract does not list. */
  private static final Set<String> OF_HTTP =
      Set.of("content-length", "content-type", "transfer-encoding", "connection", "retry-after");

  private final SchemaRegistry registry =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private final JsonNode document;
  private final Set<String> tried = new TreeSet<>();

  Contract() throws Exception {
    try (InputStream in = Contract.class.getResourceAsStream("/openapi.yaml")) {
      document = new YAMLMapper().readTree(in);
    }
  }

  /** Returns every promise: {@code GET /v1/log 304}. */
  Set<String> promises() {
    Set<String> all = new TreeSet<>();
    for (String path : paths()) {
      for (String method : methods(path)) {
        for (String status : operation(method, path).get("responses").propertyNames()) {
          all.add(method + " " + path + " " + status);
        }
      }
    }
    return all;
  }

  Set<String> tried() {
    return tried;
  }

  Set<String> paths() {
    return new TreeSet<>(document.get("paths").propertyNames());
  }

  /** Returns the methods of {@code path}, in upper case. */
  Set<String> methods(String path) {
    Set<String> methods = new TreeSet<>();
    for (String name : document.get("paths").get(path).propertyNames()) {
      if (!name.equals("parameters")) {
        methods.add(name.toUpperCase(Locale.ROOT));
      }
    }
    return methods;
  }

  private JsonNode operation(String method, String path) {
    return document.get("paths").get(path).get(method.toLowerCase(Locale.ROOT));
  }

  /** Asserts that {@code response} is one that the contract promises for this operation. */
  void holds(String method, String path, HttpResponse<byte[]> response) {
    String promise = method + " " + path + " " + response.statusCode();
    assertThat(promises()).as("answer in the contract").contains(promise);
    tried.add(promise);
    JsonNode promised =
        resolve(
            operation(method, path).get("responses").get(Integer.toString(response.statusCode())));
    headers(promise, promised, response);
    content(promise, promised, response);
  }

  private JsonNode resolve(JsonNode node) {
    JsonNode reference = node.get("$ref");
    return reference == null ? node : document.at(reference.asString().substring(1));
  }

  private void headers(String promise, JsonNode promised, HttpResponse<byte[]> response) {
    Map<String, JsonNode> declared = new java.util.TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    if (promised.has("headers")) {
      promised
          .get("headers")
          .properties()
          .forEach(header -> declared.put(header.getKey(), resolve(header.getValue())));
    }
    declared.forEach(
        (name, header) -> {
          String value = response.headers().firstValue(name).orElse(null);
          if (value == null) {
            assertThat(header.has("required")).as(promise + ": header " + name).isFalse();
          } else {
            valid(promise + ": header " + name, header.get("schema"), JSON.valueToTree(value));
          }
        });
    for (String name : response.headers().map().keySet()) {
      if (!OF_HTTP.contains(name.toLowerCase(Locale.ROOT))) {
        assertThat(declared).as(promise + ": undeclared header").containsKey(name);
      }
    }
  }

  private void content(String promise, JsonNode promised, HttpResponse<byte[]> response) {
    String type = response.headers().firstValue("content-type").orElse("none");
    if (!promised.has("content")) {
      assertThat(type).as(promise + ": content").isEqualTo("none");
      return;
    }
    JsonNode media = promised.get("content").get(type);
    assertThat(media).as(promise + ": media type " + type).isNotNull();
    String text = new String(response.body(), StandardCharsets.UTF_8);
    if (type.endsWith("json")) {
      valid(promise, media.get("schema"), JSON.readTree(text));
    } else if (type.startsWith("text/")) {
      valid(promise, media.get("schema"), JSON.valueToTree(text));
    }
    if (type.equals(Problem.MEDIA_TYPE)) {
      assertThat(JSON.readTree(text).get("status").asInt()).isEqualTo(response.statusCode());
    }
  }

  private void valid(String what, JsonNode schema, JsonNode value) {
    ObjectNode root = JSON.createObjectNode();
    root.putArray("allOf").add(schema);
    root.set("components", document.get("components"));
    Schema compiled = registry.getSchema(root);
    assertThat(compiled.validate(value)).as(what + ": " + value).isEmpty();
  }
}
