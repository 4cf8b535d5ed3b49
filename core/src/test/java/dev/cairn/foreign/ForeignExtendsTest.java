package dev.cairn.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog.Origin;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.SeededTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ForeignExtendsTest {
  private static final List<HashAlgorithm> BANKS =
      List.of(HashAlgorithm.SHA1, HashAlgorithm.SHA256, HashAlgorithm.SHA384);
  private static final RegisterId PCR15 = RegisterId.pcr(15);
  private static final RegisterId PCR11 = RegisterId.pcr(11);
  private static final DigestSet ZEROS = DigestSet.filled(BANKS, 0);

  private final Hasher hasher = new Hasher();
  private final FakeLog systemd = FakeLog.systemd();
  private final ForeignExtends foreign = new ForeignExtends(List.of(systemd));

  private DigestSet digest(String text) {
    return hasher.hash(BANKS, FakeLog.text(text));
  }

  private DigestSet after(DigestSet value, String... texts) {
    DigestSet result = value;
    for (String text : texts) {
      result = hasher.extend(result, digest(text));
    }
    return result;
  }

  private void log(String... texts) {
    for (String text : texts) {
      systemd.add(PCR15, text, digest(text));
    }
  }

  private Question flying(int least, List<String> own, DigestSet observed) {
    return new Question(
        PCR15, ZEROS, own.stream().map(this::digest).toList(), least, own.size(), observed);
  }

  /** Writes the order as a person would: ours by number, theirs by place. */
  private static String order(ForeignExtends.Answer answer) {
    Interleaving found = answer.found().orElseThrow(() -> new AssertionError(answer.reason()));
    StringBuilder order = new StringBuilder();
    int next = 0;
    for (int own = 0; own <= found.own(); own++) {
      while (next < found.foreign().size() && found.foreign().get(next).before() == own) {
        order.append(" f").append(found.foreign().get(next++).record().place());
      }
      order.append(own < found.own() ? " o" + own : "");
    }
    assertThat(next).isEqualTo(found.foreign().size());
    return order.toString().strip();
  }

  @Nested
  class GivenNothingInFlight {
    @Test
    void whenTheLogHasTheExtends_thenTheyAreFoundWithAllTheirBanksAndTheirContent() {
      log("a", "b");
      systemd.add(PCR11, "other", digest("other"));

      var answer = foreign.explain(Question.idle(PCR15, ZEROS, after(ZEROS, "a", "b")));

      assertThat(order(answer)).isEqualTo("f0 f1");
      ForeignRecord first = answer.found().orElseThrow().foreign().get(0).record();
      assertThat(first.digests()).isEqualTo(digest("a"));
      assertThat(first.content()).isEqualTo(new SystemdEvent(FakeLog.text("a")));
      assertThat(first.keeper()).isEqualTo(Origin.SYSTEMD);
    }

    @Test
    void whenTheLogIsAheadOfTheValue_thenOnlyWhatIsInItIsTakenAndTheRestLater() {
      log("a", "b", "c");

      var first = foreign.explain(Question.idle(PCR15, ZEROS, after(ZEROS, "a")));
      var second =
          foreign.explain(Question.idle(PCR15, after(ZEROS, "a"), after(ZEROS, "a", "b", "c")));

      assertThat(order(first)).isEqualTo("f0");
      assertThat(order(second)).isEqualTo("f1 f2");
    }

    @Test
    void whenOlderRecordsAreInAnEarlierValue_thenTheyAreSkipped() {
      log("before 1", "before 2", "new");
      DigestSet start = after(ZEROS, "whatever");

      var answer = foreign.explain(Question.idle(PCR15, start, after(start, "new")));

      assertThat(order(answer)).isEqualTo("f2");
    }

    @Test
    void whenThereAreManyInARow_thenAllAreFound() {
      String[] texts = new String[1000];
      for (int i = 0; i < texts.length; i++) {
        texts[i] = "text " + i;
      }
      log(texts);

      var answer = foreign.explain(Question.idle(PCR15, ZEROS, after(ZEROS, texts)));

      assertThat(answer.found().orElseThrow().foreign()).hasSize(1000);
    }

    @Test
    void whenADigestIsNotInAnyLog_thenTheReasonSaysWhatWasThere() {
      log("a");
      systemd.mark(true);

      var answer = foreign.explain(Question.idle(PCR15, ZEROS, after(ZEROS, "a", "secret")));

      assertThat(answer.found()).isEmpty();
      assertThat(answer.reason())
          .contains("systemd log /fake/systemd")
          .contains("1 further record of pcr15")
          .contains("marked incomplete");
    }

    @Test
    void whenTheLogLacksABank_thenItDoesNotExplain() {
      DigestSet two = hasher.hash(BANKS.subList(0, 2), FakeLog.text("a"));
      systemd.add(PCR15, "a", two);

      var answer = foreign.explain(Question.idle(PCR15, ZEROS, after(ZEROS, "a")));

      assertThat(answer.found()).isEmpty();
      assertThat(answer.reason()).contains("no sha384 digest in record 0 of pcr15");
    }

    @Test
    void whenOneBankDisagrees_thenItDoesNotExplain() {
      log("a");
      DigestSet observed = after(ZEROS, "a");
      DigestSet oneBankMore =
          DigestSet.of(
              hasher.extend(observed.at(0), digest("b").at(0)), observed.at(1), observed.at(2));

      var answer = foreign.explain(Question.idle(PCR15, ZEROS, oneBankMore));

      assertThat(answer.found()).isEmpty();
      assertThat(answer.reason()).contains("in sha384 but not in sha1");
    }

    @Test
    void whenItWasUnexplained_thenLaterRecordsStillAre() {
      log("a");
      DigestSet unknown = after(ZEROS, "secret");
      foreign.explain(Question.idle(PCR15, ZEROS, unknown));
      log("b");

      assertThat(order(foreign.explain(Question.idle(PCR15, unknown, after(unknown, "b")))))
          .isEqualTo("f1");
    }

    @Test
    void whenTheLogIsReplaced_thenTheNewOneIsReadFromItsBeginning() {
      log("a", "b", "c");
      foreign.explain(Question.idle(PCR15, ZEROS, after(ZEROS, "a", "b", "c")));
      systemd.become(new byte[0]);
      log("d");
      DigestSet now = after(ZEROS, "a", "b", "c");

      assertThat(order(foreign.explain(Question.idle(PCR15, now, after(now, "d")))))
          .isEqualTo("f0");
    }

    @Test
    void whenThereIsNoLog_thenTheReasonSaysSo() {
      systemd.become(null);

      var answer = foreign.explain(Question.idle(PCR15, ZEROS, after(ZEROS, "a")));

      assertThat(answer.reason()).contains("no log of others").contains("/fake/systemd");
    }

    @Test
    void whenTheRecordComesAMomentLater_thenItIsWaitedFor() throws Exception {
      Thread writer =
          new Thread(
              () -> {
                while (systemd.opened() < 2) {
                  Thread.onSpinWait();
                }
                log("late");
              });
      writer.start();

      var answer = foreign.explain(Question.idle(PCR15, ZEROS, after(ZEROS, "late")));
      writer.join();

      assertThat(order(answer)).isEqualTo("f0");
    }

    @Test
    void whenTheLastRecordIsTorn_thenTheOthersCount() {
      log("a");
      systemd.add("\u001e{\"pcr\":15".getBytes(java.nio.charset.StandardCharsets.UTF_8));

      assertThat(order(foreign.explain(Question.idle(PCR15, ZEROS, after(ZEROS, "a")))))
          .isEqualTo("f0");
    }
  }

  @Nested
  class GivenExtendsOfOursInFlight {
    @Test
    void whenTheirsCameFirst_thenTheOrderIsFound() {
      log("f");

      assertThat(order(foreign.explain(flying(2, List.of("x", "y"), after(ZEROS, "f", "x", "y")))))
          .isEqualTo("f0 o0 o1");
    }

    @Test
    void whenTheirsCameBetween_thenTheOrderIsFound() {
      log("f", "g");

      assertThat(
              order(
                  foreign.explain(flying(0, List.of("x", "y"), after(ZEROS, "x", "f", "g", "y")))))
          .isEqualTo("o0 f0 f1 o1");
    }

    @Test
    void whenTheLastOfOursDidNotHappen_thenThatIsFoundToo() {
      log("f");

      assertThat(order(foreign.explain(flying(0, List.of("x", "y"), after(ZEROS, "x", "f")))))
          .isEqualTo("o0 f0");
    }

    @Test
    void whenMoreOfOursMustHaveHappened_thenItIsNotExplained() {
      log("f");

      assertThat(foreign.explain(flying(2, List.of("x", "y"), after(ZEROS, "x", "f"))).found())
          .isEmpty();
    }

    @Test
    void whenTheyExtendTheSameDigest_thenTheValueIsWhatCounts() {
      log("x");

      var answer = foreign.explain(flying(1, List.of("x"), after(ZEROS, "x", "x")));

      assertThat(answer.found().orElseThrow().foreign()).hasSize(1);
      assertThat(answer.found().orElseThrow().own()).isEqualTo(1);
    }

    @Test
    void whenOursAreManyAndTheirsInTheMiddle_thenItIsFound() {
      List<String> own = new ArrayList<>();
      List<String> all = new ArrayList<>();
      for (int i = 0; i < 1024; i++) {
        own.add("own " + i);
        all.add("own " + i);
      }
      all.add(512, "f");
      log("f");

      var answer = foreign.explain(flying(1024, own, after(ZEROS, all.toArray(new String[0]))));

      assertThat(answer.found().orElseThrow().foreign().get(0).before()).isEqualTo(512);
    }

    @Test
    void whenThereAreTooManyOrders_thenItGivesUpAndSaysSo() {
      List<String> own = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        own.add("own " + i);
      }
      log("a", "b", "c", "d", "e", "f", "g");

      var answer = foreign.explain(flying(0, own, after(ZEROS, "unknown")));

      assertThat(answer.found()).isEmpty();
      assertThat(answer.reason()).contains("given up");
    }

    @Test
    void whenTwoKeepersExtend_thenTheirRecordsAreInterleaved() {
      FakeLog trace = new FakeLog(Origin.KERNEL_TRACE, "systemd");
      trace.add(PCR15, "t", digest("t"));
      log("f", "g");
      ForeignExtends both = new ForeignExtends(List.of(systemd, trace));

      var answer = both.explain(flying(1, List.of("x"), after(ZEROS, "f", "t", "x", "g")));

      assertThat(order(answer)).isEqualTo("f0 f0 o0 f1");
    }
  }

  @SeededTest
  void whenExtendsInterleaveAtRandom_thenExactlyThatOrderIsFound(long seed) {
    Random random = new Random(seed);
    int known = random.nextInt(4);
    for (int i = 0; i < known; i++) {
      log("known " + i);
    }
    List<String> own = new ArrayList<>();
    List<String> happened = new ArrayList<>();
    List<String> names = new ArrayList<>();
    int theirs = 1 + random.nextInt(5);
    int ours = random.nextInt(6);
    while (theirs + ours > 0) {
      if (random.nextInt(theirs + ours) < theirs) {
        theirs--;
        String text = "foreign " + theirs;
        log(text);
        happened.add(text);
        names.add("f" + (known + (int) names.stream().filter(n -> n.startsWith("f")).count()));
      } else {
        ours--;
        names.add("o" + own.size());
        own.add("own " + own.size());
        happened.add(own.get(own.size() - 1));
      }
    }
    int executed = own.size();
    for (int i = random.nextInt(3); i > 0; i--) {
      own.add("own " + own.size()); // never extended
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      log("ahead " + i);
    }
    int least = random.nextInt(executed + 1);

    var answer = foreign.explain(flying(least, own, after(ZEROS, happened.toArray(new String[0]))));

    assertThat(order(answer)).isEqualTo(String.join(" ", names));
  }

  @Test
  void whenAQuestionContradictsItself_thenItIsRefused() {
    assertThatThrownBy(() -> new Question(PCR15, ZEROS, List.of(), 0, 1, ZEROS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pcr15: 0 to 1 of 0");
  }
}
