package dev.cairn.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class InboxTest {
  private final Inbox inbox = new Inbox(2);

  private static Job job() {
    return new Job.Look(new CompletableFuture<>());
  }

  @Test
  void whenFull_thenTheNextOfferIsRefusedAndTheOthersStay() {
    inbox.offer(job());
    inbox.offer(job());

    assertThat(inbox.offer(job())).isEqualTo(Inbox.Offer.FULL);
    assertThat(inbox.size()).isEqualTo(2);
  }

  @Test
  void whenClosed_thenWhatWasAcceptedIsStillTakenInOrderAndThenItEnds() {
    Job first = job();
    Job second = job();
    inbox.offer(first);
    inbox.offer(second);
    inbox.close();
    List<Job> taken = new ArrayList<>();

    assertThat(inbox.offer(job())).isEqualTo(Inbox.Offer.CLOSED);
    assertThat(inbox.take(taken, 1, 0)).isTrue();
    assertThat(inbox.take(taken, 1, 0)).isTrue();
    assertThat(taken).containsExactly(first, second);
    assertThat(inbox.take(new ArrayList<>(), 1, 0)).isFalse();
  }

  @Test
  void whenNothingComes_thenTakeReturnsEmptyHandedAfterTheTime() {
    List<Job> taken = new ArrayList<>();

    assertThat(inbox.take(taken, 1, 1)).isTrue();
    assertThat(taken).isEmpty();
  }
}
