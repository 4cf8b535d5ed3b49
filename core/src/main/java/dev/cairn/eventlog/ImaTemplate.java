package dev.cairn.eventlog;

import dev.cairn.measure.Bytes;

/**
 * An entry of an IMA measurement list; CEL content type ima_template (7).
 *
 * @param name the template's name or, for a custom one, its format, e.g. {@code ima-ng}, {@code
 *     d-ng|n-ng}
 * @param data template data as in the list; for template {@code ima}: digest[20], u32 length, name
 * @see "Linux security/integrity/ima/ima_fs.c, ima_measurements_show"
 */
public record ImaTemplate(String name, Bytes data) implements EventContent {
  @Override
  public boolean measured() {
    return true;
  }
}
