package dev.sluice.tool.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.tool.scoring.KeyBoard.OfKey;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is counted of each key. */
class KeyBoardTest {

  private static final List<String> LABELS = List.of("ontime", "late");
  private static final KeyBoard.Columns COLUMNS =
      new KeyBoard.Columns(List.of("champion", "served"), "served");
  private static final KeyBoard.Bounds PLENTY = new KeyBoard.Bounds(100_000, 1 << 20);

  @Test
  void theLargestKeysAreShownTheWorstFirst() {
    KeyBoard board = new KeyBoard(LABELS, COLUMNS, PLENTY);
    for (int key = 1; key <= 4; key++) {
      for (int i = 0; i < 10 * key; i++) {
        add(board, "k" + key, i % 2 == 0, key == 3 ? .3 : key == 2 ? .55 : .6);
      }
    }
    List<OfKey> largest = board.largest(3, key -> key.mean("served"));
    assertThat(largest).extracting(OfKey::key).containsExactly("k3", "k2", "k4");
    assertThat(largest).extracting(OfKey::n).containsExactly(30L, 20L, 40L);
    assertThat(largest.get(0).mean("served")).isCloseTo(-Math.log(.3), within(1e-12));
    assertThat(largest.get(0).mean("champion")).as("it predicted nothing").isNaN();
    assertThat(largest.get(0).auc()).as("never right").hasValue(0);
    assertThat(largest.get(1).auc()).hasValue(1);
  }

  @Test
  void theAreaOfAKeyIsItsOwn() {
    KeyBoard board = new KeyBoard(LABELS, COLUMNS, PLENTY);
    Tally alone = Tally.of(new LabelIds(LABELS), 1);
    Random random = new Random(1);
    for (int i = 0; i < 4_000; i++) {
      double late = random.nextInt(64) / 64.0;
      boolean was = random.nextDouble() < late;
      Column said = new Column("served", new double[] {1 - late, late}, true, 1);
      board.add("k" + i % 2, truth(was), List.of(said));
      if (i % 2 == 0) {
        alone.add(truth(was), said);
      }
    }
    Score.OfLabels whole = (Score.OfLabels) alone.score();
    OfKey first = board.all().filter(key -> key.key().equals("k0")).findFirst().orElseThrow();
    assertThat(first.auc().orElseThrow())
        .as("in 16 bins between two powers of two")
        .isCloseTo(whole.auc().orElseThrow(), within(.01));
  }

  @Test
  void moreKeysThanItsBoundsAreNotCounted() {
    KeyBoard board = new KeyBoard(LABELS, COLUMNS, new KeyBoard.Bounds(3, 7));
    for (String key : List.of("aa", "bb", "long", "cc", "dd", "aa")) {
      add(board, key, true, .5);
    }
    assertThat(board.largest(9, OfKey::n))
        .extracting(OfKey::key)
        .as("a key of four characters is one too long")
        .containsExactly("aa", "bb", "cc");
  }

  @Test
  void onlyTheFirstKeysHaveAnArea() {
    KeyBoard board = new KeyBoard(LABELS, COLUMNS, PLENTY);
    int ranked = LabelTally.mostRanked(2);
    IntStream.range(0, 2 * (ranked + 100)).forEach(i -> add(board, "k" + i / 2, i % 2 == 0, .6));
    assertThat(board.all()).hasSize(ranked + 100);
    assertThat(board.all().filter(key -> key.auc().isPresent())).hasSize(ranked);
  }

  @Test
  void valuesHaveAbsoluteErrorsAndNoArea() {
    KeyBoard board = new KeyBoard(List.of(), COLUMNS, PLENTY);
    for (double said : new double[] {1, 4}) {
      Column served = new Column("served", new double[] {said}, false, 99);
      board.add("k", new Truth(1, null, 2), List.of(served));
    }
    OfKey only = board.largest(1, key -> key.mean("served")).get(0);
    assertThat(only.mean("served")).isEqualTo(1.5);
    assertThat(only.auc()).isEmpty();
  }

  private static void add(KeyBoard board, String key, boolean late, double right) {
    double[] said = late ? new double[] {1 - right, right} : new double[] {right, 1 - right};
    board.add(key, truth(late), List.of(new Column("served", said, true, -Math.log(right))));
  }

  private static Truth truth(boolean late) {
    return new Truth(1, LABELS.get(late ? 1 : 0), Double.NaN);
  }
}
