package dev.cairn.evidence;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Passes bytes on as long as they are not too many. */
final class BoundedOutput extends FilterOutputStream {
  private final String member;
  private final long limit;
  private long written;

  BoundedOutput(OutputStream out, String member, long limit) {
    super(out);
    this.member = member;
    this.limit = limit;
  }

  @Override
  public void write(int b) throws IOException {
    count(1);
    out.write(b);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    count(length);
    out.write(bytes, offset, length);
  }

  long written() {
    return written;
  }

  private void count(int length) throws MalformedEvidenceException {
    written += length;
    if (written > limit) {
      throw new MalformedEvidenceException(member, "longer than %d bytes".formatted(limit));
    }
  }
}
