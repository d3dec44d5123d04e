package dev.sluice.codec;

import static dev.sluice.codec.Records.observationJson;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.Event;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Reason;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InputRulesTest {

  private static final long DAY_MS = Duration.ofDays(1).toMillis();
  private static final String WEATHER = "{\"temperature\":70.5,\"sky\":\"grey\"}";

  @Test
  void whatIsDeclaredIsTaken() {
    assertThat(declared("temperature:number, sky:text", WEATHER)).isInstanceOf(Observation.class);
    assertThat(declared("temperature:any, sky:any", WEATHER)).isInstanceOf(Observation.class);
    assertThat(declared("temperature:number, *", WEATHER)).isInstanceOf(Observation.class);
    assertThat(declared("*", WEATHER)).isInstanceOf(Observation.class);
    assertThat(declared("sky:text,wind:number", "{\"sky\":true,\"temprature\":null}"))
        .as("a boolean is a text, and null is absent, under whatever name")
        .isInstanceOf(Observation.class);
  }

  @Test
  void aNumberWrittenAsATextIsRefusedWhereNumbersAreDeclared() {
    Malformed refused =
        (Malformed) declared("temperature:number,*", "{\"temperature\":\"70.5\",\"sky\":\"grey\"}");

    assertThat(refused.reason()).isEqualTo(Reason.FEATURE_TYPE);
    assertThat(refused.detail())
        .isEqualTo(
            "feature \"temperature\" is the text \"70.5\", but declared as number in sluice.features.declared");
    assertThat(((Malformed) declared("sky:text", "{\"sky\":3}")).reason())
        .isEqualTo(Reason.FEATURE_TYPE);
  }

  @Test
  void aMisspeltNameIsRefusedUnlessOthersMayCome() {
    String misspelt = "{\"temprature\":70.5}";

    Malformed refused = (Malformed) declared("temperature:number", misspelt);

    assertThat(refused.reason()).isEqualTo(Reason.UNDECLARED_FEATURE);
    assertThat(refused.detail()).startsWith("feature \"temprature\" is none of");
    assertThat(declared("temperature:number,*", misspelt)).isInstanceOf(Observation.class);
  }

  @Test
  void aDeclarationIsReadBackAsItIsWritten() {
    for (String text : List.of("a:number, b:text, c:any, *", "*", "a:b:number")) {
      assertThat(DeclaredFeatures.parse(text)).hasToString(text);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a:", ":number", "a:number,", "a:integer", "a:number,a:text"})
  void aDeclarationThatMeansNothingIsRefused(String text) {
    assertThatThrownBy(() -> DeclaredFeatures.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("declared");
  }

  @Test
  void epochSecondsAreRefusedAndNamed() {
    long nowMs = Records.ARRIVAL_MS;

    Malformed refused = (Malformed) at(nowMs / 1000, nowMs, DAY_MS);

    assertThat(refused.reason()).isEqualTo(Reason.FAR_TIME);
    assertThat(refused.detail())
        .isEqualTo(
            "field \"time\" is 1970-01-12T07:45:07.261Z, and the record's own time 2001-01-01T00:01:01Z:"
                + " farther apart than sluice.time.tolerance; these are epoch seconds, send milliseconds");
  }

  @Test
  void theToleranceHoldsBothWaysAndToTheMillisecond() {
    long nowMs = Records.ARRIVAL_MS;

    assertThat(at(nowMs - DAY_MS, nowMs, DAY_MS)).isInstanceOf(Observation.class);
    assertThat(at(nowMs + DAY_MS, nowMs, DAY_MS)).isInstanceOf(Observation.class);
    assertThat(at(nowMs - DAY_MS - 1, nowMs, DAY_MS)).isInstanceOf(Malformed.class);
    assertThat(((Malformed) at(nowMs + DAY_MS + 1, nowMs, DAY_MS)).detail())
        .doesNotContain("seconds");
    assertThat(at(nowMs / 1000, nowMs, InputRules.ANY_TIME)).isInstanceOf(Observation.class);
    assertThat(at(nowMs / 1000, -1, DAY_MS))
        .as("a record without a time changes nothing")
        .isInstanceOf(Observation.class);
  }

  @Test
  void outcomesAreHeldToTheirTimeToo() {
    String json =
        "{\"type\":\"outcome\",\"id\":\"f\",\"key\":\"LAS\",\"time\":978307261,\"label\":\"late\"}";
    EventDecoder decoder = new EventDecoder(List.of("late"), new InputRules(9, null, DAY_MS));

    assertThat(((Malformed) decoder.decode(Records.record(json))).reason())
        .isEqualTo(Reason.FAR_TIME);
  }

  private static Event declared(String features, String json) {
    InputRules rules = new InputRules(9, DeclaredFeatures.parse(features), InputRules.ANY_TIME);
    return new EventDecoder(List.of("late"), rules).decode(Records.observation(json));
  }

  private static Event at(long timeMs, long arrivalMs, long farthestMs) {
    String json = observationJson("{}").replace("\"time\":0", "\"time\":" + timeMs);
    RawRecord raw =
        new RawRecord(Records.ORIGIN, arrivalMs, "LAS".getBytes(UTF_8), json.getBytes(UTF_8));
    return new EventDecoder(List.of("late"), new InputRules(9, null, farthestMs)).decode(raw);
  }
}
