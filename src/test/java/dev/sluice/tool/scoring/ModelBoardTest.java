package dev.sluice.tool.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What spans of time may take. */
class ModelBoardTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final int MANY_LABELS = 10_000;

  @Test
  void spansOfManyLabelsAreBoundedByWhatTheyTake() {
    List<String> labels = IntStream.range(0, MANY_LABELS).mapToObj(i -> "label " + i).toList();
    ModelBoard board = new ModelBoard(labels, SECOND, 2);
    int most = ModelBoard.MOST_COUNTED / (2 * MANY_LABELS);
    assertThat(most).isLessThan(ModelBoard.MOST_SPANS);
    add(board, labels, 0, most);
    assertThat(board.spans()).hasSize(most);
    assertThatThrownBy(() -> add(board, labels, most, most + 1))
        .hasMessageContaining("more than " + most + " times --every (PT1S)")
        .hasMessageContaining("10,000 labels of 2 models")
        .hasMessageContaining("take a longer one");
  }

  @Test
  void oneSpanIsAlwaysTaken() {
    List<String> labels = IntStream.range(0, 50_000).mapToObj(i -> "label " + i).toList();
    ModelBoard board = new ModelBoard(labels, SECOND, 1_000);
    add(board, labels, 0, 1);
    assertThat(board.spans()).hasSize(1);
  }

  private static void add(ModelBoard board, List<String> labels, int from, int to) {
    Column served = new Column("served", new double[labels.size()], true, 1);
    for (int i = from; i < to; i++) {
      board.add(1000L * i, new Truth(1000L * i, labels.get(0), Double.NaN), List.of(served));
    }
  }
}
