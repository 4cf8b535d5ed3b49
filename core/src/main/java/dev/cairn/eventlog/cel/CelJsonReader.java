package dev.cairn.eventlog.cel;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Walks through the array with one parser. */
final class CelJsonReader extends CelReader {
  private final InputStream in;
  private final JsonFactory factory;
  private final JsonDecoder decoder;
  private @Nullable JsonSource source; // null until the array has begun
  private boolean ended;

  CelJsonReader(InputStream in, Limits limits) {
    super(LogFormat.CEL_JSON);
    this.in = in;
    this.factory = JsonText.reading(limits, 2);
    this.decoder = new JsonDecoder(factory, limits);
  }

  @Override
  @Nullable EventRecord read() throws IOException {
    if (ended) {
      return null;
    }
    JsonSource opened = source;
    if (opened == null) {
      opened = new JsonSource(LogFormat.CEL_JSON, parser(), 0);
    }
    try {
      if (source == null) {
        source = opened;
        opened.parser().nextToken();
        opened.require("log", JsonToken.START_ARRAY, "an array of records");
      }
      if (opened.parser().nextToken() == JsonToken.END_ARRAY) {
        return end(opened);
      }
      long offset = opened.tokenOffset();
      EventRecord record = decoder.decode(opened);
      found(offset, opened.endOffset());
      return record;
    } catch (JsonProcessingException e) {
      throw opened.malformed(e);
    }
  }

  private JsonParser parser() throws IOException {
    return factory.createParser(new Utf8InputStream(in, LogFormat.CEL_JSON));
  }

  private @Nullable EventRecord end(JsonSource opened) throws IOException {
    if (opened.parser().nextToken() != null) {
      throw opened.malformed("nothing may follow the array");
    }
    ended = true;
    return null;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
