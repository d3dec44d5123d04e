package dev.sluice.tool.savepoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.control.ControlState;
import dev.sluice.event.Command.Part;
import java.util.List;
import org.junit.jupiter.api.Test;

class ControlStateTextTest {

  private final ControlState orders = new ControlState();

  @Test
  void aJobThatWasNeverCommandedHasNone() {
    assertThat(ControlStateText.of(orders, List.of())).isEmpty();
  }

  @Test
  void eachThatStandsIsASentence() {
    orders.pause(Part.ALL, "LAS");
    orders.pause(Part.LEARNING, null);
    orders.serve("champion");
    for (int i = 0; i < 9; i++) {
      orders.pause(Part.SCORING, "K" + i);
    }

    assertThat(ControlStateText.of(orders, List.of(3)))
        .containsExactly(
            "learning is paused for every key",
            "learning is paused for LAS",
            "scoring is paused for K0, K1, K2, K3, K4 and 5 more keys",
            "serving by command: champion",
            "version 3 predicts as a shadow");
  }
}
