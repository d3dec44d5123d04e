package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.tool.cli.Context.Place;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContextsTest {

  @TempDir Path folder;

  @Test
  void whatIsWrittenIsReadAndIsForItsOwnerAlone() throws IOException {
    Path file = Contexts.file(Map.of("XDG_CONFIG_HOME", folder.toString()));
    assertThat(file).isEqualTo(folder.resolve("sluice/config"));
    Contexts none = Contexts.read(file);
    assertThat(none.all()).isEmpty();
    Context prod = new Context("prod", Map.of("rest", "https://a:1/flink,https://b:1/flink"));
    none.with(prod).using("prod").write();
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    Contexts read = Contexts.read(file);
    assertThat(read.current()).isEqualTo("prod");
    assertThat(read.all()).containsExactly(Map.entry("prod", prod));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-rw----", "rw-r--r--", "rw-----w-"})
  void aFileThatOthersMayUseIsRefused(String permissions) throws IOException {
    Path file = written("{\"version\":1,\"contexts\":{}}");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    assertThatThrownBy(() -> Contexts.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(file.toString(), "chmod 600");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{|no JSON, at line 1",
        "[]|\"version\" must be 1",
        "{\"version\":2,\"contexts\":{}}|\"version\" must be 1",
        "{\"version\":1}|\"contexts\" must be an object",
        "{\"version\":1,\"contexts\":{},\"x\":1}|other fields",
        "{\"version\":1,\"contexts\":{},\"current\":\"a\"}|\"current\" must be the name",
        "{\"version\":1,\"contexts\":{\"a\":1}}|must be an object",
        "{\"version\":1,\"contexts\":{\"a\":{\"rest\":1}}}|must be a text",
        "{\"version\":1,\"contexts\":{\"a\":{\"password\":\"hush\"}}}|no (password)",
        "{\"version\":1,\"contexts\":{\"../a\":{}}}|a context's name has",
        "{\"version\":1,\"contexts\":{\"a\":{},\"a\":{}}}|no JSON",
        "{\"version\":1,\"contexts\":{\"a\":{\"rest\":\"file:///etc/passwd\"}}}|http://127",
        "{\"version\":1,\"contexts\":{\"a\":{\"rest\":\"http://me:hush@a:1\"}}}|without a user",
        "{\"version\":1,\"contexts\":{\"a\":{\"journal\":\"a\\u0007\"}}}|one line",
      })
  void hostileContentIsNamedAndNotShown(String content, String named) throws IOException {
    Path file = written(content);
    assertThatThrownBy(() -> Contexts.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(file.toString(), named)
        .hasMessageNotContaining("hush");
  }

  @Test
  void anEndlessFileIsNotRead() throws IOException {
    Path file = written("{\"version\":1,\"contexts\":{}}" + " ".repeat(1 << 17));
    assertThatThrownBy(() -> Contexts.read(file)).hasMessageContaining("64 KiB");
    assertThatThrownBy(() -> Contexts.read(folder)).hasMessageContaining("must be a file");
  }

  @ParameterizedTest
  @CsvSource({
    // named on the command line, SLUICE_REST, SLUICE_CONTEXT, a local cluster; what holds
    "other, http://env:1, , false, http://other:1",
    ", http://other:1, other, false, http://other:1",
    ", , other, false, http://other:1",
    ", , , false, http://prod:1",
    ", , , true, ",
    ", , other, true, http://other:1",
    ", http://env:1, , true, http://env:1",
    "other, , , true, http://other:1",
  })
  void aFlagGoesBeforeTheEnvironmentBeforeTheContextInUse(
      String flag, String variable, String named, boolean local, String holds) throws IOException {
    new Contexts(folder.resolve("sluice/config"), "prod", new TreeMap<>())
        .with(new Context("prod", Map.of("rest", "http://prod:1")))
        .with(new Context("other", Map.of("rest", "http://other:1")))
        .write();
    Map<String, String> environment =
        new HashMap<>(
            Map.of(
                "XDG_CONFIG_HOME",
                folder.toString(),
                "SLUICE_REST",
                variable == null ? "" : variable,
                "SLUICE_CONTEXT",
                named == null ? "" : named));
    if (local) {
      environment.put("SLUICE_PORT_OFFSET", "0");
    }
    Chosen chosen = new Chosen();
    chosen.context = flag;
    chosen.environment = environment;
    Chosen.Given given = chosen.of(Place.REST);
    assertThat(given == null ? null : given.value()).isEqualTo(holds);
  }

  @Test
  void aContextThatIsNotThereIsNamedWithThoseThatAre() throws IOException {
    new Contexts(folder.resolve("sluice/config"), "", new TreeMap<>())
        .with(new Context("prod", Map.of()))
        .write();
    Chosen chosen = new Chosen();
    chosen.context = "pord";
    chosen.environment = Map.of("XDG_CONFIG_HOME", folder.toString());
    assertThatThrownBy(chosen::current).hasMessageContainingAll("--context (pord)", "[prod]");
  }

  /** As for a service, whose home is unreadable or another user's. */
  @Test
  void aClosedFileIsPassedOverWithOneNoteUnlessAContextWasAskedFor() throws IOException {
    Map<String, String> environment = Map.of("XDG_CONFIG_HOME", folder.toString());
    List<String> notes = new ArrayList<>();
    Chosen chosen = closed(notes);
    chosen.environment = environment;
    for (Place place : Place.values()) {
      assertThat(chosen.of(place)).as("%s", place).isNull();
    }
    assertThat(notes)
        .singleElement(InstanceOfAssertFactories.STRING)
        .contains(folder + "/sluice/config, can't be used: this user has no right to read it")
        .contains("name a directory of your own with XDG_CONFIG_HOME")
        .endsWith("what flags and the environment do not name is on this machine");

    Chosen flag = closed(notes);
    flag.context = "prod";
    flag.environment = environment;
    assertThatThrownBy(flag::current).hasCauseInstanceOf(IOException.class);
    Chosen variable = closed(notes);
    variable.environment = Map.of("XDG_CONFIG_HOME", folder.toString(), "SLUICE_CONTEXT", "prod");
    assertThatThrownBy(variable::current).hasCauseInstanceOf(IOException.class);
    assertThat(notes).hasSize(1);
  }

  /** A user who took a context into use would search for its stops in vain. */
  @ParameterizedTest
  @CsvSource({
    // SLUICE_CONTEXT, --context, --rest; what is said
    ", , , 'context prod, which is in use, does not count: SLUICE_PORT_OFFSET (7)'",
    "other, , , ",
    ", prod, , ",
    ", , http://prod:1, ",
  })
  void aContextThatTheLocalClusterPassesOverIsNamedOnce(
      String variable, String flag, String rest, String said) throws IOException {
    new Contexts(folder.resolve("sluice/config"), "prod", new TreeMap<>())
        .with(new Context("prod", Map.of("rest", "http://prod:1")))
        .with(new Context("other", Map.of("rest", "http://other:1")))
        .write();
    Map<String, String> environment =
        Map.of(
            "XDG_CONFIG_HOME",
            folder.toString(),
            "SLUICE_PORT_OFFSET",
            "7",
            "SLUICE_CONTEXT",
            variable == null ? "" : variable);
    List<String> notes = new ArrayList<>();
    Chosen chosen = new Chosen();
    chosen.note = notes::add;
    chosen.context = flag;
    chosen.rest = () -> rest == null ? List.of() : List.of(rest);
    chosen.environment = environment;
    for (Place place : Place.values()) {
      chosen.of(place);
    }
    if (said == null) {
      assertThat(notes).isEmpty();
    } else {
      assertThat(notes)
          .singleElement(InstanceOfAssertFactories.STRING)
          .startsWith(said)
          .contains("give --context prod");
    }
  }

  @Test
  void anUnknownNameIsAnErrorAtTheLocalClusterToo() {
    Map<String, String> environment =
        Map.of(
            "XDG_CONFIG_HOME",
            folder.toString(),
            "SLUICE_PORT_OFFSET",
            "0",
            "SLUICE_CONTEXT",
            "nosuch");
    for (Place place : Place.values()) {
      Chosen chosen = new Chosen();
      chosen.environment = environment;
      assertThatThrownBy(() -> chosen.of(place))
          .hasMessageContaining("SLUICE_CONTEXT (nosuch) is none of the contexts");
    }
  }

  private static Chosen closed(List<String> notes) {
    Chosen chosen = new Chosen();
    chosen.note = notes::add;
    chosen.source =
        file -> {
          throw new Contexts.ClosedException(file, new AccessDeniedException(file.toString()));
        };
    return chosen;
  }

  /** The demo's feed names its JobManager itself. */
  @Test
  void whereContextsDoNotCountNoneIsRead() throws IOException {
    Chosen chosen = closed(new ArrayList<>());
    chosen.contextsCount = false;
    chosen.environment = Map.of("SLUICE_CONTEXT", "prod");
    assertThat(chosen.current()).isEqualTo(Context.NONE);
  }

  @Test
  void aFileThatCantBeLookedAtIsNotTakenForNone() throws IOException {
    Path loop = folder.resolve("loop");
    Files.createSymbolicLink(loop, loop);
    assertThatThrownBy(() -> Contexts.read(loop))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(loop.toString(), "it can't be read (");
    assertThat(Contexts.read(folder.resolve("nothing")).all()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0,0,true", "5,5,true", "0,5,true", "5,0,false", "6,5,false"})
  void onlyTheUserAndRootAreTrusted(int owner, int user, boolean trusted) {
    assertThat(Contexts.isTrusted(owner, user)).isEqualTo(trusted);
  }

  private Path written(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("config"), content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }
}
