package dev.sluice.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Answer.ControlReply;
import dev.sluice.event.Command.Part;
import dev.sluice.event.ControlEcho;
import dev.sluice.event.Origin;
import org.junit.jupiter.api.Test;

class ControlStateTest {

  private final ControlState orders = new ControlState();

  @Test
  void aKeyFollowsTheNewestCommandThatConcernsIt() {
    orders.reset("LAS");
    assertThat(orders.resetOf("LAS")).isEqualTo(1);
    assertThat(orders.generationOf("PHL")).isZero();

    orders.promoted(false);
    assertThat(orders.generationOf("LAS")).isEqualTo(2);
    assertThat(orders.resetOf("LAS")).isEqualTo(1);

    orders.reset(null);
    assertThat(orders.resetOf("PHL")).isEqualTo(3);
    assertThat(orders.keyResets()).as("every key's covers them").isEmpty();

    orders.promoted(true);
    assertThat(orders.generationOf("PHL")).isGreaterThan(orders.resetOf("PHL")).isEqualTo(5);
    assertThat(orders.resetOf("PHL")).isEqualTo(4);
  }

  @Test
  void whatIsKeptOfKeysIsBounded() {
    for (int i = 0; i < Pauses.MAX_KEYS; i++) {
      assertThat(orders.pause(Part.SCORING, "k" + i)).isNull();
      assertThat(orders.reset("k" + i)).isNull();
    }

    assertThat(orders.pause(Part.ALL, "more")).contains("100000 keys");
    assertThat(orders.learning().holds("more")).as("all or nothing").isFalse();
    assertThat(orders.reset("more")).contains("100000 keys");
    assertThat(orders.pause(Part.SCORING, "k7")).as("paused already").isNull();
    assertThat(orders.reset("k7")).isNull();
    assertThat(orders.pause(Part.ALL, null)).isNull();
    assertThat(orders.reset(null)).isNull();
    assertThat(orders.reset("more")).isNull();
  }

  @Test
  void theOldestAnswerIsForgottenFirst() {
    for (int i = 0; i <= ControlState.Answered.MAX; i++) {
      orders.answered().remember(reply("c-" + i));
    }

    assertThat(orders.answered().to("c-0")).isNull();
    assertThat(orders.answered().to("c-1")).isEqualTo(reply("c-1"));
    assertThat(orders.answered().all()).hasSize(ControlState.Answered.MAX);
    assertThat(orders.answered().to(null)).isNull();
  }

  @Test
  void aCopyDoesNotFollowItsOriginal() {
    orders.pause(Part.ALL, "LAS");
    orders.answered().remember(reply("c-1"));
    ControlState copy = orders.copy();
    orders.resume(Part.ALL, null);
    orders.serve("champion");
    orders.reset("LAS");
    orders.answered().remember(reply("c-2"));

    assertThat(copy.learning().holds("LAS")).isTrue();
    assertThat(copy.policy()).isNull();
    assertThat(copy.generationOf("LAS")).isZero();
    assertThat(copy.answered().all()).containsExactly(reply("c-1"));
  }

  private static ControlReply reply(String id) {
    return new ControlReply(
        new Origin("sluice.control", 0, 7),
        new ControlEcho(id, "reset", null, null, null, null),
        null,
        false);
  }
}
