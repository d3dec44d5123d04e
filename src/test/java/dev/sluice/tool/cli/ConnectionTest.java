package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.KnownPlaces;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class ConnectionTest {

  private static final List<String> FLAGS =
      List.of(
          "--rest",
          "--journal",
          "--settings",
          "--bootstrap-servers",
          "--kafka-properties",
          "--context");

  @TempDir Path folder;

  /** A verb with the mixin. */
  @Command(name = "verb", preprocessor = SettingFlags.class)
  static final class Verb {
    @Mixin Connection connection = new Connection();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dead-letters",
        "list",
        "history",
        "wait",
        "version",
        "stop",
        "guard",
        "verify",
        "resume",
        "audit",
        "status",
        "drill",
        "rollback",
        "replay",
        "score"
      })
  void everyVerbThatReachesAJobHasEveryFlag(String verb) {
    CommandLine command =
        Objects.requireNonNull(Sluice.commandLine(ToolServices.real()).getSubcommands().get(verb));
    assertThat(command.getCommandSpec().optionsMap()).containsKeys(FLAGS.toArray(String[]::new));
  }

  @Test
  void everyCommandOfTheControlTopicHasEveryFlag() {
    Objects.requireNonNull(Sluice.commandLine(ToolServices.real()).getSubcommands().get("control"))
        .getSubcommands()
        .forEach(
            (name, command) ->
                assertThat(command.getCommandSpec().optionsMap())
                    .as(name)
                    .containsKeys(FLAGS.toArray(String[]::new)));
  }

  @Test
  void theResumeIsTheExactCommand() {
    Connection connection =
        parsed(
            "--rest=http://a:1,http://b:1",
            "--journal",
            "/with blank/stops",
            "--settings",
            "/s.yaml",
            "--bootstrap-servers",
            "k:9092",
            "--kafka-properties",
            "/k.properties",
            "--context",
            "prod");
    assertThat(connection.resume("/r.json", Path.of("/it's.jar")))
        .isEqualTo(
            "sluice resume /r.json --context prod --rest http://a:1,http://b:1"
                + " --journal '/with blank/stops' --settings /s.yaml --bootstrap-servers k:9092"
                + " --kafka-properties /k.properties --jar '/it'\\''s.jar'");
    assertThat(parsed().resume("/r.json", null)).isEqualTo("sluice resume /r.json");
  }

  @Test
  void theEnvironmentNamesTheFiles() throws IOException {
    Path settings = Files.writeString(folder.resolve("s.yaml"), "sluice.x: 1\n");
    Path kafka = Files.writeString(folder.resolve("k"), "sasl.password=hush\n");
    Map<String, String> environment =
        Map.of(
            "XDG_CONFIG_HOME",
            folder.toString(),
            "SLUICE_SETTINGS",
            settings.toString(),
            "SLUICE_KAFKA_PROPERTIES",
            kafka.toString(),
            "SLUICE_JOURNAL",
            "/j",
            "SLUICE_REST",
            "http://a:1/");
    Connection connection = parsed("--bootstrap-servers", "k:1");
    connection.chosen.environment = environment;
    assertThat(connection.cluster.journal()).isEqualTo(Path.of("/j"));
    assertThat(connection.cluster.addresses()).hasToString("[http://a:1]");
    assertThat(connection.additionalSettings())
        .isEqualTo(
            Map.of(
                "sluice.x",
                "1",
                "sluice.kafka.properties.sasl.password",
                "hush",
                "sluice.kafka.bootstrap-servers",
                "k:1"));
  }

  @Test
  void anAddressOfTheEnvironmentIsNamedAsSuch() {
    assertThatThrownBy(
            () -> in(Map.of("SLUICE_REST", "http://me:hush@a:1"), parsed()).cluster.addresses())
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("SLUICE_REST")
        .hasMessageNotContaining("hush");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sluice.kafka.properties.sasl.jaas.config",
        "sluice.kafka.properties.ssl.key.password",
        "sluice.kafka.properties.ssl.keystore.password",
        "sluice.kafka.properties.ssl.keystore.key",
        "sluice.enrich.token",
        "sluice.enrich.API-KEY",
      })
  void aSecretOnTheCommandLineIsRefusedWithoutItsValue(String key) {
    for (String[] line :
        List.of(new String[] {"--" + key + "=hush"}, new String[] {"--" + key, "hush"})) {
      assertThatThrownBy(() -> parsed(line))
          .isInstanceOf(ParameterException.class)
          .hasMessageContainingAll("--" + key, "--settings FILE", "[SLU-SECRET-GIVEN]")
          .hasMessageNotContaining("hush");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sluice.kafka.bootstrap-servers",
        "sluice.kafka.properties.security.protocol",
        "sluice.kafka.properties.ssl.keystore.location",
        "sluice.kafka.properties.ssl.keystore.type",
        "sluice.enrich.token-file",
        "sluice.enrich.url",
      })
  void whatIsNoSecretIsTaken(String key) {
    assertThat(parsed("--" + key, "value").flags()).containsEntry(key, "value");
  }

  @ParameterizedTest
  @CsvSource({
    // flags; SLUICE_BOOTSTRAP_SERVERS, brokers of a --settings file, of the context in use; what
    // holds
    "--bootstrap-servers flag:1, env:1, file:1, context:1, flag:1",
    "--sluice.kafka.bootstrap-servers flag:1, env:1, file:1, context:1, flag:1",
    "--sluice.kafka.bootstrap-servers x:1 --bootstrap-servers flag:1, env:1, , , flag:1",
    "--context prod, env:1, file:1, context:1, file:1",
    "--context prod, env:1, , context:1, context:1",
    ", env:1, , context:1, env:1",
    ", env:1, file:1, context:1, file:1",
    ", , file:1, context:1, file:1",
    ", , , context:1, context:1",
    "--rest http://prod:1/, , , context:1, context:1",
    "--rest http://staging:1, , , context:1, ",
    "--rest http://staging:1 --context prod, , , context:1, context:1",
  })
  void theBrokersHaveOnePrecedence(
      String flags, String variable, String file, String context, String holds) throws IOException {
    inUse(
        context == null
            ? Map.of("rest", "http://prod:1")
            : Map.of("rest", "http://prod:1", "bootstrap-servers", context));
    List<String> line = new ArrayList<>(flags == null ? List.of() : List.of(flags.split(" ")));
    if (file != null) {
      String yaml = "sluice.kafka.bootstrap-servers: '%s'".formatted(file);
      line.addAll(
          List.of("--settings", Files.writeString(folder.resolve("s.yaml"), yaml).toString()));
    }
    Map<String, String> environment = new HashMap<>(nothing());
    environment.put("SLUICE_BOOTSTRAP_SERVERS", variable == null ? "" : variable);
    Connection connection = parsed(line.toArray(String[]::new));
    connection.chosen.environment = environment;
    String key = "sluice.kafka.bootstrap-servers";
    assertThat(connection.additionalSettings().get(key)).isEqualTo(holds);
    assertThat(
            connection
                .client(connection.job.settings().kafka().clientProperties())
                .getProperty("bootstrap.servers"))
        .isEqualTo(holds == null ? "127.0.0.1:9092" : holds);
    KnownPlaces known = connection.knownPlaces();
    assertThat(known.flags().getOrDefault(key, known.file().get(key))).isEqualTo(holds);
  }

  @Test
  void theBrokersOfAContextGoBeforeThoseOfItsFile() throws IOException {
    Path file = folder.resolve("s.yaml");
    Files.writeString(file, "sluice.kafka.bootstrap-servers: file:1");
    inUse(Map.of("settings", file.toString()));
    assertThat(parsed().additionalSettings())
        .containsEntry("sluice.kafka.bootstrap-servers", "file:1");
    inUse(Map.of("settings", file.toString(), "bootstrap-servers", "context:1"));
    assertThat(parsed().flags()).containsEntry("sluice.kafka.bootstrap-servers", "context:1");
  }

  @ParameterizedTest
  @CsvSource({
    // flags; SLUICE_REST, SLUICE_CONTEXT, SLUICE_PORT_OFFSET; whether the context in use counts
    ", , , , true",
    "--rest http://prod:1, , , , true",
    "--rest http://staging:1, , , , false",
    "--rest http://staging:1, , prod, , false",
    "--rest http://staging:1 --context prod, , , , true",
    ", http://staging:1, , , false",
    ", http://prod:2, prod, , true",
    ", http://prod:1, , , true",
    ", http://PROD:1/, , , true",
    ", 'http://prod:2, http://prod:1', , , true",
    ", http://prod, , , false",
    ", , , 0, false",
    ", , , '', true",
    ", , prod, 0, true",
    "--rest http://prod:1, , , 0, true",
  })
  void anotherJobManagerHasNothingOfTheContextInUse(
      String flags, String rest, String context, String offset, boolean counts) throws IOException {
    Path file = Files.writeString(folder.resolve("s.yaml"), "sluice.x: 1");
    Path kafka = Files.writeString(folder.resolve("k"), "sasl.password=hush");
    inUse(
        Map.of(
            "rest",
            "http://prod:1,http://prod:2",
            "settings",
            file.toString(),
            "kafka-properties",
            kafka.toString(),
            "journal",
            "/prod"));
    Map<String, String> environment = new HashMap<>(nothing());
    environment.put("SLUICE_REST", rest == null ? "" : rest);
    environment.put("SLUICE_CONTEXT", context == null ? "" : context);
    if (offset != null) {
      environment.put("SLUICE_PORT_OFFSET", offset);
    }
    Connection connection = parsed(flags == null ? new String[0] : flags.split(" "));
    connection.chosen.environment = environment;
    assertThat(connection.files()).hasSize(counts ? 2 : 0);
    assertThat(connection.cluster.journal().equals(Path.of("/prod"))).isEqualTo(counts);
    assertThat(connection.words().contains("--context")).isEqualTo(counts);
  }

  @ParameterizedTest
  @CsvSource({
    // what names the context, what it says, the environment; JobManager and brokers, or why not
    "flag, rest=http://prod:1, SLUICE_BOOTSTRAP_SERVERS=env:1, http://prod:1, names no brokers",
    "variable, rest=http://prod:1, SLUICE_BOOTSTRAP_SERVERS=env:1, http://prod:1, names no brokers",
    "use, rest=http://prod:1, SLUICE_BOOTSTRAP_SERVERS=env:1, no JobManager is named: context prod, env:1",
    "use, rest=http://prod:1, SLUICE_SETTINGS=@/s.yaml, because of SLUICE_SETTINGS, file:1",
    "flag, rest=http://prod:1, FLINK_CONF_DIR=@/conf, http://prod:1, names no brokers",
    "variable, rest=http://prod:1, FLINK_CONF_DIR=@/conf, http://prod:1, names no brokers",
    "use, rest=http://prod:1, FLINK_CONF_DIR=@/conf, http://prod:1, names no brokers",
    "flag, settings=@/s.yaml, SLUICE_REST=http://prod:1, names no JobManager, file:1",
    "variable, settings=@/s.yaml, SLUICE_REST=http://prod:1, names no JobManager, file:1",
    "use, settings=@/s.yaml, SLUICE_REST=http://prod:1, http://prod:1, 127.0.0.1:9092",
    "use, settings=@/s.yaml, , names no JobManager, file:1",
    "flag, settings=@/s.yaml, SLUICE_PORT_OFFSET=0, names no JobManager, file:1",
    "variable, settings=@/s.yaml, SLUICE_PORT_OFFSET=0, names no JobManager, file:1",
    "use, settings=@/s.yaml, SLUICE_PORT_OFFSET=0, http://127.0.0.1:8081, 127.0.0.1:9092",
    "flag, rest=http://prod:1, SLUICE_PORT_OFFSET=0, http://prod:1, names no brokers",
    "variable, rest=http://prod:1, SLUICE_PORT_OFFSET=0, http://prod:1, names no brokers",
    "use, rest=http://prod:1, SLUICE_PORT_OFFSET=0, http://127.0.0.1:8081, 127.0.0.1:9092",
    "variable, rest=http://prod:1, SLUICE_REST=http://b:1, different JobManagers, different JobManagers",
    "flag, rest=http://prod:1, SLUICE_REST=http://b:1, http://prod:1, names no brokers",
    "flag, journal=/j, SLUICE_REST=http://env:1, http://env:1, 127.0.0.1:9092",
    "variable, journal=/j, SLUICE_REST=http://env:1, http://env:1, 127.0.0.1:9092",
    "use, journal=/j, SLUICE_REST=http://env:1, http://env:1, 127.0.0.1:9092",
  })
  void aClusterIsWhollyOfOneContextOrOfNone(
      String named, String place, String variable, String flink, String brokers)
      throws IOException {
    Path conf = Files.createDirectory(folder.resolve("conf"));
    Files.writeString(
        conf.resolve("sluice.yaml"),
        "sluice.kafka.bootstrap-servers: conf:1\nsluice.kafka.properties.sasl.jaas.config: hush");
    Files.writeString(folder.resolve("s.yaml"), "sluice.kafka.bootstrap-servers: file:1");
    String[] said = place.replace("@", folder.toString()).split("=", 2);
    context(said[0], said[1], named.equals("use"));
    Map<String, String> environment = new HashMap<>(nothing());
    if (variable != null) {
      String[] pair = variable.replace("@", folder.toString()).split("=", 2);
      environment.put(pair[0], pair[1]);
    }
    if (named.equals("variable")) {
      environment.put("SLUICE_CONTEXT", "prod");
    }
    Connection connection = named.equals("flag") ? parsed("--context", "prod") : parsed();
    connection.chosen.environment = environment;
    assertThat(said(() -> connection.cluster.addresses().get(0).toString())).contains(flink);
    assertThat(
            said(
                () ->
                    connection
                        .client(connection.job.settings().kafka().clientProperties())
                        .getProperty("bootstrap.servers")))
        .contains(brokers);
    assertThat(said(() -> "" + connection.additionalSettings())).doesNotContain("hush");
  }

  /** A value, or why there is none. */
  private static String said(Callable<String> value) {
    try {
      return value.call();
    } catch (Exception refused) {
      return String.valueOf(refused.getMessage());
    }
  }

  @Test
  void brokersThatAreMissingAreSeveral() throws IOException {
    inUse(Map.of("rest", "http://prod:1"));
    Map<String, String> environment = new HashMap<>(nothing());
    environment.put("SLUICE_KAFKA_PROPERTIES", Files.createFile(folder.resolve("k")).toString());
    assertThatThrownBy(() -> in(environment, parsed()).client(new Properties()))
        .hasMessageContaining("no brokers are named: context prod");
  }

  @Test
  void whatIsMissingIsNamedWithTheCommandThatAddsIt() throws IOException {
    context("rest", "http://prod:1", false);
    assertThatThrownBy(() -> parsed("--context", "prod").client(new Properties()))
        .isInstanceOf(ParameterException.class)
        .hasMessageContainingAll(
            "sluice context set prod --bootstrap-servers HOST:PORT",
            "--context prod --bootstrap-servers HOST:PORT");
    assertThat(
            parsed("--context", "prod", "--bootstrap-servers", "flag:1").client(new Properties()))
        .containsEntry("bootstrap.servers", "flag:1");
  }

  @ParameterizedTest
  @CsvSource({
    // what names the context, its journal; the environment's; what holds
    "flag, , /shared, /shared",
    "variable, , /shared, /shared",
    "use, , /shared, /shared",
    "flag, /own, /shared, /own",
    "variable, /own, /shared, /own",
    "use, /own, /shared, /shared",
    "use, /own, , /own",
  })
  void theJournalOfTheEnvironmentCountsWhereTheNamedContextHasNone(
      String named, String own, String variable, String holds) throws IOException {
    Map<String, String> places = new HashMap<>(Map.of("rest", "http://prod:1"));
    if (own != null) {
      places.put("journal", own);
    }
    inUse(places);
    Map<String, String> environment = new HashMap<>(nothing());
    environment.put("SLUICE_CONTEXT", named.equals("variable") ? "prod" : "");
    environment.put("SLUICE_JOURNAL", variable == null ? "" : variable);
    Connection connection = named.equals("flag") ? parsed("--context", "prod") : parsed();
    connection.chosen.environment = environment;
    assertThat(connection.cluster.journal()).isEqualTo(Path.of(holds));
  }

  /** Of another cluster, as far as this tool knows: it would be asked about that one's stops. */
  @Test
  void aContextInUseWithoutAJobManagerHasNoBrokersForAnother() throws IOException {
    Path file =
        Files.writeString(folder.resolve("s.yaml"), "sluice.kafka.bootstrap-servers: prod:1");
    inUse(Map.of("settings", file.toString(), "journal", "/prod"));
    Connection connection = parsed("--rest", "http://staging:1");
    assertThat(connection.additionalSettings()).isEmpty();
    assertThat(connection.flags()).isEmpty();
    assertThat(connection.cluster.journal()).isEqualTo(Path.of("/prod"));
    assertThat(connection.words())
        .containsExactly("--rest", "http://staging:1", "--journal", "/prod");
  }

  /** Its stops are not signed, and the key is another cluster's. */
  @Test
  void theLocalClusterHasNoKeyOfAContext() throws IOException {
    inUse(Map.of("rest", "http://prod:1", "verify-key", "/nowhere/key.pem"));
    Map<String, String> environment = new HashMap<>(nothing());
    environment.put("SLUICE_PORT_OFFSET", "0");
    Connection connection = parsed();
    connection.chosen.environment = environment;
    connection.checking = new Connection.CheckingKey();
    assertThat(connection.keys()).isEqualTo(ReceiptKeys.NONE);
    environment.put("SLUICE_CONTEXT", "prod");
    assertThatThrownBy(() -> connection.keys())
        .as("of the context that is named, whose cluster is reached")
        .hasMessageContaining("/nowhere/key.pem");
  }

  @Test
  void theExactCommandNamesTheKeyThatCountedWithoutItsContext() throws IOException {
    inUse(Map.of("rest", "http://prod:1", "sign", "/k.pem"));
    Connection connection = parsed("--rest", "http://staging:1");
    connection.signing = new Connection.SigningKey();
    assertThat(connection.resume("/r.json", null))
        .isEqualTo("sluice resume /r.json --rest http://staging:1 --sign /k.pem");
  }

  /** As it is exported for the file systems of savepoints. */
  @Test
  void flinksConfigurationDoesNotHideTheContextInUse() throws IOException {
    Path conf = Files.createDirectory(folder.resolve("conf"));
    Files.writeString(conf.resolve("sluice.yaml"), "sluice.kafka.bootstrap-servers: flink:1");
    Path own = Files.writeString(folder.resolve("s.yaml"), "sluice.kafka.properties.a: b");
    Map<String, String> environment = new HashMap<>(nothing());
    environment.put("FLINK_CONF_DIR", conf.toString());
    inUse(
        Map.of("rest", "http://prod:1", "settings", own.toString(), "bootstrap-servers", "prod:1"));
    assertThat(in(environment, parsed()).flags())
        .containsEntry("sluice.kafka.bootstrap-servers", "prod:1");
    assertThat(in(environment, parsed()).additionalSettings())
        .containsEntry("sluice.kafka.properties.a", "b");
  }

  @ParameterizedTest
  @CsvSource({
    // the context's places in addition to its JobManager; flags; whether the login counts; whether
    // a note
    // says that it does not
    ", , false, true",
    "bootstrap-servers=conf:1, , false, true",
    "'bootstrap-servers=conf:2,conf:1', , true, false",
    ", '--bootstrap-servers conf:1,conf:2', true, false",
    ", '--sluice.kafka.bootstrap-servers conf:1,conf:2', true, false",
    "'bootstrap-servers=conf:1,conf:2', --bootstrap-servers other:1, false, true",
    "'bootstrap-servers=conf:1,conf:2;kafka-properties=@/k', , false, false",
    "'bootstrap-servers=conf:1,conf:2', --kafka-properties @/k, false, false",
    "'bootstrap-servers=conf:1,conf:2;settings=@/s.yaml', , false, false",
    "'bootstrap-servers=conf:1,conf:2', --settings @/s.yaml, false, false",
  })
  void theLoginOfFlinksConfigurationCountsForItsOwnBrokersAlone(
      String places, String flags, boolean counts, boolean noted) throws IOException {
    Files.writeString(folder.resolve("k"), "sasl.mechanism=PLAIN");
    Files.writeString(folder.resolve("s.yaml"), "sluice.job.name: j");
    Path conf = Files.createDirectory(folder.resolve("conf"));
    Files.writeString(
        conf.resolve("sluice.yaml"),
        "sluice.kafka.bootstrap-servers: 'conf:1, conf:2'\nsluice.topics.events: "
            + "e\nsluice.kafka.properties.sasl.jaas.config: hush");
    Map<String, String> all = new HashMap<>(Map.of("rest", "http://prod:1"));
    for (String place : places == null ? new String[0] : places.split(";")) {
      String[] pair = place.replace("@", folder.toString()).split("=", 2);
      all.put(pair[0], pair[1]);
    }
    inUse(all);
    Map<String, String> environment = new HashMap<>(nothing());
    environment.put("FLINK_CONF_DIR", conf.toString());
    StringWriter err = new StringWriter();
    Connection connection =
        parsed(
            err,
            flags == null // with flags for the brokers only a context that is named counts
                ? new String[0]
                : ("--context prod " + flags.replace("@", folder.toString())).split(" ", -1));
    connection.chosen.environment = environment;
    assertThat(connection.job.settings().kafka().clientProperties().getProperty("sasl.jaas.config"))
        .as("what is asked without a job")
        .isEqualTo(counts ? "hush" : null);
    assertThat(connection.additionalSettings())
        .matches(sibling -> counts == sibling.containsValue("hush"))
        .doesNotContainValue("e");
    assertThat(err.toString()).doesNotContain("hush");
    if (noted) {
      assertThat(err.toString().lines())
          .as("once")
          .singleElement(InstanceOfAssertFactories.STRING)
          .contains(
              "context prod names no settings",
              conf.resolve("sluice.yaml").toString(),
              "does not count",
              "sluice context set prod --settings FILE");
    } else {
      assertThat(err.toString()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"[, true", "sluice.topics.events: e, false"})
  void aFileOfFlinksConfigurationThatCannotBeReadRefusesNothing(String yaml, boolean noted)
      throws IOException {
    Path conf = Files.createDirectory(folder.resolve("conf"));
    Files.writeString(conf.resolve("sluice.yaml"), yaml);
    inUse(Map.of("rest", "http://prod:1"));
    Map<String, String> environment = new HashMap<>(nothing());
    environment.put("FLINK_CONF_DIR", conf.toString());
    StringWriter err = new StringWriter();
    assertThat(in(environment, parsed(err)).additionalSettings()).isEmpty();
    assertThat(err.toString().contains(conf.resolve("sluice.yaml").toString())).isEqualTo(noted);
  }

  /** Whose receipts are signed does not depend on which cluster is asked. */
  @Test
  void theKeysOfTheContextInUseCountWhateverIsReached() throws IOException {
    inUse(Map.of("rest", "http://prod:1", "verify-key", "/nowhere/key.pem"));
    Connection connection = parsed("--rest", "http://staging:1");
    connection.checking = new Connection.CheckingKey();
    assertThatThrownBy(() -> connection.keys()).hasMessageContaining("/nowhere/key.pem");
  }

  @Test
  void aContextThatNamesNoJobManagerCountsWithAny() throws IOException {
    inUse(Map.of("journal", "/prod"));
    assertThat(parsed("--rest", "http://staging:1").cluster.journal()).isEqualTo(Path.of("/prod"));
  }

  @Test
  void theExactCommandNamesTheContextInUseAndWhatGoesBeforeIt() throws IOException {
    inUse(Map.of("rest", "http://prod:1", "journal", "/prod"));
    assertThat(parsed().resume("/r.json", null)).isEqualTo("sluice resume /r.json --context prod");
    Map<String, String> environment = new HashMap<>(nothing());
    environment.put("SLUICE_JOURNAL", "/mine");
    assertThat(in(environment, parsed()).resume("/r.json", null))
        .isEqualTo("sluice resume /r.json --context prod --journal /mine");
  }

  private void context(String flag, String value, boolean used) throws IOException {
    Contexts all =
        new Contexts(Contexts.file(nothing()), "", new TreeMap<>())
            .with(new Context("prod", Map.of(flag, value)));
    (used ? all.using("prod") : all).write();
  }

  private void inUse(Map<String, String> places) throws IOException {
    new Contexts(Contexts.file(nothing()), "", new TreeMap<>())
        .with(new Context("prod", places))
        .using("prod")
        .write();
  }

  /** An environment that names nothing, and has its contexts here. */
  private Map<String, String> nothing() {
    return Map.of("XDG_CONFIG_HOME", folder.toString());
  }

  private static Connection in(Map<String, String> environment, Connection connection) {
    connection.chosen.environment = environment;
    return connection;
  }

  private Connection parsed(String... line) {
    return parsed(new StringWriter(), line);
  }

  private Connection parsed(StringWriter err, String... line) {
    Verb verb = new Verb();
    verb.connection.chosen.environment = nothing();
    new CommandLine(verb).setErr(new PrintWriter(err, true)).parseArgs(line);
    return verb.connection;
  }
}
