package dev.cairn.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeyDocumentationTest {
  @ParameterizedTest
  @EnumSource(Key.class)
  void whenAKeyExists_thenTheManualHasItWithItsDefault(Key key) throws IOException {
    String manual = Files.readString(Path.of("..", "docs", "operations.md"));
    String fallback = key.fallback().map(text -> "`" + text + "`").orElse("–");

    assertThat(manual).contains("| `%s` | %s | %s |".formatted(key.label(), fallback, key.help()));
  }
}
