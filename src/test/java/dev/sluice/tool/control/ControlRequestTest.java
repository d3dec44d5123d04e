package dev.sluice.tool.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.event.Command.Part;
import dev.sluice.event.Origin;
import dev.sluice.model.ModelSettings;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What lies in the control topic, and what comes back. */
class ControlRequestTest {

  private static final Origin COMMAND = new Origin("control", 0, 7);
  private static final String SHA256 = "0a".repeat(32);

  static Stream<Arguments> commands() {
    ControlRequest.Model model = new ControlRequest.Model("file:///m.tribuo", SHA256, 2);
    return Stream.of(
        Arguments.of(
            ControlRequest.pause("c-1", Part.SCORING, "LAS"),
            "{'id':'c-1','command':'pause','part':'scoring','key':'LAS'}"),
        Arguments.of(
            ControlRequest.pause("c-1", Part.LEARNING, null),
            "{'id':'c-1','command':'pause','part':'learning'}"),
        Arguments.of(
            ControlRequest.resume("c-2", Part.ALL, null),
            "{'id':'c-2','command':'resume','part':'all'}"),
        Arguments.of(
            ControlRequest.promote("c-3", model, false, false),
            "{'id':'c-3','command':'promote','uri':'file:///m.tribuo','sha256':'%s','version':2}"
                .formatted(SHA256)),
        Arguments.of(
            ControlRequest.promote("c-3", model, true, true),
            "{'id':'c-3','command':'promote','uri':'file:///m.tribuo','sha256':'%s','version':2,'reseed':true,'shadow':true}"
                .formatted(SHA256)),
        Arguments.of(
            ControlRequest.serve("c-4", ControlRequest.Policy.BEST),
            "{'id':'c-4','command':'serve','policy':'best'}"),
        Arguments.of(ControlRequest.reset("c-5", null), "{'id':'c-5','command':'reset'}"),
        Arguments.of(
            ControlRequest.reset("c-5", "LAS"), "{'id':'c-5','command':'reset','key':'LAS'}"),
        Arguments.of(
            ControlRequest.confirm("c-6", 2), "{'id':'c-6','command':'confirm','version':2}"),
        Arguments.of(ControlRequest.drop("c-7", 2), "{'id':'c-7','command':'drop','version':2}"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aCommandIsWrittenAsTheJobReadsIt(ControlRequest request, String json) {
    assertThat(new String(request.bytes(), UTF_8)).isEqualTo(json.replace('\'', '"'));
  }

  @Test
  void whatCanBeNoCommandIsRefusedBeforeItIsSent() {
    assertThatThrownBy(() -> ControlRequest.reset(" ", null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("id");
    assertThatThrownBy(() -> new ControlRequest.Model("file:///m", "12", 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("64 hexadecimal digits")
        .hasMessageContaining("(12)");
  }

  @Test
  void anAnswerSaysWhetherAndWhyNot() throws IOException {
    ControlTopic.Answer rejected =
        answer("{'id':'c-1','accepted':false,'reason':'no such key','repeated':true}");
    assertThat(rejected.accepted()).isFalse();
    assertThat(rejected.reason()).isEqualTo("no such key");
    assertThat(rejected.repeated()).isTrue();
    assertThat(rejected.json())
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    "{\"id\":\"c-1\",\"accepted\":false,\"reason\":\"no such key\",\"repeated\":true}"));
    ControlTopic.Answer accepted = answer("{'accepted':true,'reason':null}");
    assertThat(accepted.accepted()).isTrue();
    assertThat(accepted.reason()).isNull();
    assertThat(accepted.repeated()).isFalse();
  }

  @Test
  void whatIsNoAnswerIsNotTakenForARejection() {
    for (String text : new String[] {"{'accepted':'yes'}", "{}", "nonsense", ""}) {
      assertThatThrownBy(() -> answer(text))
          .as(text)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the answer to the command at control/0/7");
    }
    assertThatThrownBy(() -> ControlTopic.Answer.parse(COMMAND, null))
        .isInstanceOf(IOException.class);
  }

  private static ControlTopic.Answer answer(String json) throws IOException {
    return ControlTopic.Answer.parse(COMMAND, json.replace('\'', '"').getBytes(UTF_8));
  }

  @Test
  void servesEveryPolicyThatTheJobKnows() {
    assertThat(Arrays.stream(ControlRequest.Policy.values()).map(ControlRequest.Policy::toString))
        .containsExactly(
            Arrays.stream(ModelSettings.ServingPolicy.values())
                .map(ModelSettings.ServingPolicy::code)
                .toArray(String[]::new));
  }
}
