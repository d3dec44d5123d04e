package dev.sluice.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Command;
import dev.sluice.event.Command.Part;
import dev.sluice.event.ControlEcho;
import dev.sluice.event.DecodedCommand;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CommandDecoderTest {

  private static final String HASH = "0123456789abcdef".repeat(4);

  static Stream<Arguments> commands() {
    return Stream.of(
        Arguments.of(
            "'id':'1','command':'pause','part':'learning'", new Command.Pause(Part.LEARNING, null)),
        Arguments.of(
            "'part':'all','key':'LAS','command':'pause','id':'1'",
            new Command.Pause(Part.ALL, "LAS")),
        Arguments.of(
            "'id':'1','command':'resume','part':'scoring','key':null",
            new Command.Resume(Part.SCORING, null)),
        Arguments.of(
            "'id':'1','command':'promote','uri':'file:///m','version':2,'sha256':'" + HASH + "'",
            new Command.Promote("file:///m", HASH, 2, false, false)),
        Arguments.of(
            "'id':'1','command':'promote','uri':'s3://b/m','version':3,'sha256':'"
                + HASH
                + "','reseed':true,'shadow':false",
            new Command.Promote("s3://b/m", HASH, 3, true, false)),
        Arguments.of("'id':'1','command':'serve','policy':'best'", new Command.Serve("best")),
        Arguments.of("'id':'1','command':'reset'", new Command.Reset(null)),
        Arguments.of("'id':'1','command':'forget','key':'LAS'", new Command.Forget("LAS")),
        Arguments.of("'id':'1','command':'confirm','version':2", new Command.Confirm(2)),
        Arguments.of("'id':'1','command':'drop','version':2", new Command.Drop(2)));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aCommandIsUnderstood(String fields, Command command) {
    assertThat(decode("{" + fields.replace('\'', '"') + "}"))
        .isInstanceOfSatisfying(
            DecodedCommand.Valid.class,
            understood -> {
              assertThat(understood.command()).isEqualTo(command);
              assertThat(understood.echo().id()).isEqualTo("1");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'command':'pause','part':'all'                      | field id is missing
          'id':'','command':'pause','part':'all'              | field id is not 1 to 1024 characters
          'id':7,'command':'pause','part':'all'               | field id is not a string
          'id':'1'                                            | field command is missing
          'id':'1','command':'dance'                          | field command is none of [confirm, drop, forget, pause, promote, reset, resume, serve]: "dance"
          'id':'1','command':'pause'                          | field part is missing
          'id':'1','command':'pause','part':'both'            | field part is none of [all, learning, scoring]: "both"
          'id':'1','command':'pause','part':'all','kye':'LAS' | pause takes no field "kye", only [key, part]
          'id':'1','command':'pause','part':'all','key':''    | field key is not 1 to 1024 characters
          'id':'1','command':'pause','part':'all','key':['a'] | field key is not a string
          'id':'1','command':'pause','part':'all','id':'2'    | field "id" is there twice
          'id':'1','command':'serve','policy':'worst'         | field policy is none of [best, blend, challenger, champion]: "worst"
          'id':'1','command':'forget'                         | field key is missing
          'id':'1','command':'forget','key':null              | field key is missing
          'id':'1','command':'confirm'                        | field version is missing
          'id':'1','command':'drop','version':0               | field version is not a whole number
          'id':'1','command':'drop','version':1.5             | field version is not a whole number
          'id':'1','command':'drop','version':99999999999     | field version is not a whole number
          'id':'1','command':'drop','version':99999999999999999999 | field version is not a whole number
          'id':'1','command':'promote','uri':'file:///m','version':2,'sha256':'AB' | field sha256 is not 64 lower-case hexadecimal digits: "AB"
          'id':'1','command':'promote','uri':'file:///m','version':2 | field sha256 is missing
          """)
  void whatIsNoCommandSaysWhy(String fields, String reason) {
    assertThat(garbled("{" + fields.replace('\'', '"') + "}").reason()).startsWith(reason);
  }

  @Test
  void bytesThatAreNoJsonObjectSayWhy() {
    assertThat(garbled(null).reason()).isEqualTo("the record has no value");
    assertThat(garbled("{\"id\":").reason()).startsWith("the command is not JSON");
    assertThat(garbled("[]").reason()).isEqualTo("the command is not a JSON object");
    assertThat(garbled("{} {}").reason())
        .isEqualTo("there is more text after the command's JSON object");
    assertThat(garbled("x".repeat(70_000)).reason()).contains("70000 bytes, more than 65536");
    assertThat(garbled("[".repeat(60_000)).reason()).isNotEmpty();
    assertThat(garbled("{\"id\":" + "[".repeat(60_000)).echo()).isEqualTo(ControlEcho.NOTHING);
  }

  @Test
  void whatACommandSaidOfItselfIsKeptThoughItIsWrong() {
    DecodedCommand wrong =
        decode(
            """
            {"id":"1","command":"dance","part":"tango","key":"LAS","version":-3,"policy":"slow"}""");

    assertThat(wrong.echo()).isEqualTo(new ControlEcho("1", "dance", "tango", "LAS", -3L, "slow"));
  }

  private DecodedCommand.Invalid garbled(@Nullable String json) {
    DecodedCommand decoded = decode(json);
    assertThat(decoded).isInstanceOf(DecodedCommand.Invalid.class);
    return (DecodedCommand.Invalid) decoded;
  }

  private DecodedCommand decode(@Nullable String json) {
    byte[] value = json == null ? null : json.getBytes(UTF_8);
    return CommandDecoder.decode(new RawRecord(new Origin("sluice.control", 0, 0), 0, null, value));
  }
}
