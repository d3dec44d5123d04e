package dev.sluice.fence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.job.RecordedMetrics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.junit.jupiter.api.Test;

/** Committables are names here; one that begins with "old" comes out of the restored snapshot. */
class StrictCommitterTest {

  private static final boolean FENCED = true;
  private static final boolean OFF = false;

  private final RecordedMetrics metrics = new RecordedMetrics();

  @Test
  void aForgottenIdOutOfTheSnapshotIsAKnownFailure() throws Exception {
    Request old = new Request("old");
    Request next = new Request("old too");
    Request last = new Request("old as well");
    commit(
        FENCED,
        List.of(old, next, last),
        unknown("old", new KafkaException("wrapped", new InvalidPidMappingException("forgotten"))),
        unknown("old too", new TransactionAbortableException("abort it")));

    assertThat(List.of(old.end, next.end, last.end)).containsExactly("known", "known", "none");
    assertThat(failures()).isZero();
  }

  @Test
  void aFencedOneOutOfTheSnapshotStaysAKnownFailure() throws Exception {
    Request old = new Request("old");
    commit(FENCED, List.of(old), known("old", new ProducerFencedException("aborted")));

    assertThat(old.end).isEqualTo("known");
    assertThat(failures()).isZero();
  }

  @Test
  void whatMayPassStillFailsTheTask() {
    Request old = new Request("old");
    assertThatThrownBy(
            () ->
                commit(
                    FENCED,
                    List.of(old),
                    unknown("old", new TransactionalIdAuthorizationException("not yours"))))
        .isInstanceOf(IllegalStateException.class);
    assertThat(old.end).isEqualTo("unknown");
  }

  @Test
  void anAbortedOneOfThisAttemptFailsTheTask() {
    Request mine = new Request("mine");
    ProducerFencedException aborted = new ProducerFencedException("aborted");

    assertThatThrownBy(() -> commit(FENCED, List.of(mine), known("mine", aborted)))
        .isInstanceOf(LostCommitException.class)
        .hasMessageContaining("mine can't be committed")
        .hasCause(aborted);
    assertThat(failures()).isEqualTo(1);
  }

  @Test
  void withoutAFenceAnAbortedOneIsCountedOnly() throws Exception {
    Request mine = new Request("mine");
    Request next = new Request("next");
    commit(
        OFF,
        List.of(mine, next),
        known("mine", new ProducerFencedException("aborted")),
        known("next", new ProducerFencedException("aborted too")));

    assertThat(List.of(mine.end, next.end)).containsExactly("known", "known");
    assertThat(failures()).isEqualTo(2);
  }

  @Test
  void aForgottenIdOfThisAttemptFailsTheTask() {
    for (boolean judged : new boolean[] {FENCED, OFF}) {
      Request mine = new Request("mine");
      assertThatThrownBy(
              () ->
                  commit(
                      judged,
                      List.of(mine),
                      unknown("mine", new InvalidPidMappingException("forgotten"))))
          .isInstanceOf(IllegalStateException.class);
      assertThat(mine.end).isEqualTo("unknown");
    }
    assertThat(failures()).isEqualTo(1);
  }

  @Test
  void whatIsToBeTriedAgainIsHandedOn() throws Exception {
    Request mine = new Request("mine");
    Request old = new Request("old");
    commit(FENCED, List.of(mine, old), Committer.CommitRequest::retryLater);

    assertThat(List.of(mine.end, old.end)).containsExactly("later", "later");
  }

  private double failures() {
    return metrics.value("sluice.failedCommits");
  }

  private void commit(boolean judged, List<Request> requests, End... ends) throws Exception {
    Committer<String> delegate =
        new Committer<>() {
          @Override
          public void commit(Collection<CommitRequest<String>> all) {
            all.forEach(request -> List.of(ends).forEach(end -> end.of(request)));
          }

          @Override
          public void close() {}
        };
    new StrictCommitter<>(delegate, name -> name.startsWith("old"), judged, metrics)
        .commit(new ArrayList<>(requests));
  }

  /** What the connector's committer says of a request. */
  private interface End {
    void of(Committer.CommitRequest<String> request);
  }

  private static End known(String committable, Exception failure) {
    return request -> {
      if (request.getCommittable().equals(committable)) {
        request.signalFailedWithKnownReason(failure);
      }
    };
  }

  private static End unknown(String committable, Exception failure) {
    return request -> {
      if (request.getCommittable().equals(committable)) {
        request.signalFailedWithUnknownReason(failure);
      }
    };
  }

  /** Ends as Flink's own request does. */
  private static final class Request implements Committer.CommitRequest<String> {

    private final String committable;
    private String end = "none";

    Request(String committable) {
      this.committable = committable;
    }

    @Override
    public String getCommittable() {
      return committable;
    }

    @Override
    public int getNumberOfRetries() {
      return 0;
    }

    @Override
    public void signalFailedWithKnownReason(Throwable failure) {
      end = "known";
    }

    @Override
    public void signalFailedWithUnknownReason(Throwable failure) {
      end = "unknown";
      throw new IllegalStateException("Failed to commit " + committable, failure);
    }

    @Override
    public void retryLater() {
      end = "later";
    }

    @Override
    public void updateAndRetryLater(String instead) {
      end = "later";
    }

    @Override
    public void signalAlreadyCommitted() {
      end = "already";
    }
  }
}
