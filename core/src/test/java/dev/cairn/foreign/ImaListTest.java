package dev.cairn.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog.Origin;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An IMA list shows one bank; the kernel extends all of them. */
class ImaListTest {
  private static final List<HashAlgorithm> BANKS =
      List.of(HashAlgorithm.SHA1, HashAlgorithm.SHA256, HashAlgorithm.SHA384);
  private static final RegisterId PCR10 = RegisterId.pcr(10);
  private static final DigestSet ZEROS = DigestSet.filled(BANKS, 0);

  private final Hasher hasher = new Hasher();
  private final FakeLog ima = new FakeLog(Origin.IMA, "ima");
  private final ForeignExtends foreign = new ForeignExtends(List.of(ima));

  private static Bytes template(String name) {
    byte[] file = name.getBytes(StandardCharsets.US_ASCII);
    return Bytes.owning(
        ByteBuffer.allocate(4 + 48 + 4 + file.length + 1)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(48)
            .put(new byte[48])
            .putInt(file.length + 1)
            .put(file)
            .array());
  }

  private void list(HashAlgorithm bank, String name, boolean violation) {
    Bytes data = template(name);
    byte[] digest = violation ? new byte[bank.sizeBytes()] : bank.hash(data).value().toArray();
    byte[] type = "ima-ng".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer entry =
        ByteBuffer.allocate(4 + digest.length + 4 + type.length + 4 + data.length())
            .order(ByteOrder.LITTLE_ENDIAN);
    entry.putInt(10).put(digest).putInt(type.length).put(type).putInt(data.length());
    data.copyTo(entry);
    ima.add(entry.array());
  }

  private DigestSet own(String name) {
    return hasher.hash(BANKS, template(name));
  }

  private static DigestSet padded(String name) {
    Digest sha1 = HashAlgorithm.SHA1.hash(template(name));
    byte[] sha384 = new byte[48];
    sha1.value().copyTo(sha384, 0);
    return DigestSet.of(
        sha1,
        HashAlgorithm.SHA256.hash(template(name)),
        new Digest(HashAlgorithm.SHA384, Bytes.owning(sha384)));
  }

  private Interleaving explain(DigestSet before, DigestSet observed) {
    var answer = foreign.explain(Question.idle(PCR10, before, observed));
    return answer.found().orElseThrow(() -> new AssertionError(answer.reason()));
  }

  @ParameterizedTest
  @EnumSource(names = {"SHA1", "SHA256"})
  void whenEveryBankHasItsOwnHash_thenTheOneListExplainsAll(HashAlgorithm listed) {
    list(listed, "/bin/a", false);
    list(listed, "/bin/b", false);

    Interleaving found =
        explain(ZEROS, hasher.extend(hasher.extend(ZEROS, own("/bin/a")), own("/bin/b")));

    assertThat(found.foreign())
        .extracting(p -> p.record().digests())
        .containsExactly(own("/bin/a"), own("/bin/b"));
    assertThat(found.foreign().get(0).record().content())
        .isEqualTo(new ImaTemplate("ima-ng", template("/bin/a")));
  }

  @Test
  void whenTheKernelPadsOneBank_thenThatRuleIsFound() {
    list(HashAlgorithm.SHA256, "/bin/a", false);

    Interleaving found = explain(ZEROS, hasher.extend(ZEROS, padded("/bin/a")));

    assertThat(found.foreign().get(0).record().digests()).isEqualTo(padded("/bin/a"));
  }

  @Test
  void whenAnEntryIsAViolation_thenOnesWereExtended() {
    list(HashAlgorithm.SHA1, "/bin/a", false);
    list(HashAlgorithm.SHA1, "/bin/b", true);
    DigestSet ones = DigestSet.filled(BANKS, 0xFF);

    Interleaving found = explain(ZEROS, hasher.extend(hasher.extend(ZEROS, own("/bin/a")), ones));

    assertThat(found.foreign().get(1).record().digests()).isEqualTo(ones);
  }

  @Test
  void whenTheBeginningOfTheListIsTakenAway_thenItsEndStillExplains() {
    for (int i = 0; i < 5; i++) {
      list(HashAlgorithm.SHA256, "/bin/" + "a".repeat(10 + i), false);
    }
    DigestSet before = DigestSet.filled(BANKS, 7);
    DigestSet now = hasher.extend(before, own("/bin/" + "a".repeat(14)));
    explain(before, now);

    ima.become(new byte[0]);
    for (int i = 0; i < 20; i++) {
      list(HashAlgorithm.SHA256, "/sbin/" + "b".repeat(i), false);
    }
    list(HashAlgorithm.SHA256, "/bin/new", false);

    assertThat(explain(now, hasher.extend(now, own("/bin/new"))).foreign()).hasSize(1);
  }

  @Test
  void whenTheListIsLong_thenWhatIsAccountedForIsNotKeptAndTheEndIsFoundAtOnce()
      throws IOException {
    for (int i = 0; i < 9000; i++) {
      list(HashAlgorithm.SHA256, "/usr/bin/program-" + i, false);
    }
    DigestSet before = DigestSet.filled(BANKS, 7); // nobody knows which of them are in it
    DigestSet now = before;
    for (int i = 8990; i < 9000; i++) {
      now = hasher.extend(now, own("/usr/bin/program-" + i));
    }
    assertThat(explain(before, now).foreign()).hasSize(10);

    list(HashAlgorithm.SHA256, "/bin/new", false);
    Interleaving later = explain(now, hasher.extend(now, own("/bin/new")));

    assertThat(later.foreign()).singleElement().matches(p -> p.record().place() == 9000);
  }
}
