package dev.sluice.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.Origin;
import dev.sluice.event.Reason;
import org.junit.jupiter.api.Test;

class HeadersTest {

  @Test
  void theNamesAreTheContract() {
    assertThat(Headers.ORIGIN).isEqualTo("sluice-origin");
    assertThat(Headers.REASON).isEqualTo("sluice-reason");
    assertThat(Headers.DETAIL).isEqualTo("sluice-detail");
  }

  @Test
  void originsReadBack() {
    Origin origin = new Origin("sluice.events", 3, 42);

    assertThat(Headers.originBytes(origin)).isEqualTo("sluice.events/3/42".getBytes(UTF_8));
    assertThat(Origin.parse(Headers.text(Headers.originBytes(origin)))).isEqualTo(origin);
  }

  @Test
  void anotherFormIsNoOrigin() {
    assertThatThrownBy(() -> Origin.parse(Headers.text("sluice.events/3".getBytes(UTF_8))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(sluice.events/3)");
  }

  @Test
  void reasonsAndDetailsAreText() {
    assertThat(Headers.text(Headers.reasonBytes(Reason.BAD_FEATURE))).isEqualTo("bad-feature");
    assertThat(Headers.text(Headers.detailBytes("±1e100"))).isEqualTo("±1e100");
  }
}
