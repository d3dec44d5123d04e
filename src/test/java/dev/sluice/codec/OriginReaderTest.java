package dev.sluice.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Origin;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginReaderTest {

  private final OriginReader reader = new OriginReader();

  @Test
  void readsOneTopicAfterTheOther() {
    for (String text :
        new String[] {"a/0/1", "a/0/2", "ab/0/2", "b/7/999999999999999999", "a/1/0", "x/y/3/4"}) {
      assertThat(read(text)).isEqualTo(Origin.parse(text));
    }
  }

  @Test
  void keepsTheTopicsText() {
    Origin first = Objects.requireNonNull(read("events/0/1"));
    Origin second = Objects.requireNonNull(read("events/3/2"));
    assertThat(second.topic()).isSameAs(first.topic());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "//",
        "a",
        "a/1",
        "/1/2",
        "a/x/2",
        "a/1/x",
        "a/-1/2",
        "a/1/-2",
        "a/1/",
        "a//2",
        "a/3000000000/1",
        "a/1/1234567890123456789"
      })
  void whatIsNoOriginIsNone(String text) {
    assertThat(read(text)).isNull();
  }

  private @Nullable Origin read(String text) {
    return reader.read(text.getBytes(UTF_8));
  }
}
