package dev.sluice.tool.cli;

import dev.sluice.tool.cli.Context.Place;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** The verbs that name clusters. */
@Command(
    name = "context",
    header =
        "Names clusters: where Flink, Kafka and the journal are, and the files with passwords.",
    description = {
      "A context stands for --rest, --journal, --settings, --bootstrap-servers,",
      "--kafka-properties, --sign and --verify-key. It holds the names of files with secrets,",
      "never a secret. Flags go first; one that --context or SLUICE_CONTEXT names then gives all",
      "places of the cluster together, and what it does not give is refused where it is needed:",
      "no default and no variable stands in. SLUICE_JOURNAL and the keys' variables count with",
      "one that has none of its own. One in use counts so where neither flags nor the environment",
      "say where a cluster is."
    },
    subcommands = {
      ContextCommand.List.class,
      ContextCommand.Use.class,
      ContextCommand.Show.class,
      ContextCommand.Set.class
    },
    exitCodeList = {"0:shown, or written", "1:the file can't be used"},
    footer = {
      "  sluice context set prod --rest https://flink:8081 --settings ~/prod/sluice.yaml",
      "  sluice context use prod"
    })
final class ContextCommand extends VerbGroup {

  @Command(
      name = "list",
      header = "Lists the contexts; a star is before the one in use.",
      exitCodeList = {"0:shown", "1:the file can't be used, or has no such context"},
      footer = "  sluice context list")
  static final class List extends ResultVerb {

    @Override
    public Integer call() throws IOException {
      Contexts contexts = Contexts.read(Contexts.file(System.getenv()));
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("file", contexts.file().toString());
      json.put("current", contexts.current().isEmpty() ? null : contexts.current());
      json.put("contexts", contexts.all().keySet());
      StringBuilder text = new StringBuilder();
      for (Context each : contexts.all().values()) {
        String mark = each.name().equals(contexts.current()) ? "*" : " ";
        text.append("%s %s  %s%n".formatted(mark, each.name(), each.place(Context.Place.REST)));
      }
      if (contexts.all().isEmpty()) {
        text.append("There is no context in %s%n".formatted(contexts.file()));
      }
      return print(json, out -> out.print(text));
    }
  }

  @Command(
      name = "show",
      header = "Shows a context: which flags it stands for.",
      exitCodeList = {"0:shown", "1:the file can't be used, or has no such context"},
      footer = "  sluice context show prod")
  static final class Show extends ResultVerb {

    @Parameters(
        paramLabel = "NAME",
        arity = "0..1",
        description = "Its name (default: that in use).")
    String name = "";

    @Override
    public Integer call() throws IOException {
      Chosen chosen = new Chosen();
      chosen.context = name.isEmpty() ? null : name;
      chosen.flag = "NAME";
      Context context = chosen.current();
      StringBuilder text = new StringBuilder("Context  %s%n".formatted(context.name()));
      context.places().forEach((flag, value) -> text.append("--%s %s%n".formatted(flag, value)));
      return print(context, out -> out.print(text));
    }
  }

  @Command(
      name = "use",
      header = "Takes a context into use, for every later command of this user.",
      exitCodeList = {"0:written", "1:the file can't be used, or has no such context"},
      footer = "  sluice context use prod")
  static final class Use extends ResultVerb {

    @Parameters(paramLabel = "NAME", description = "The context's name.")
    String name = "";

    @Override
    public Integer call() throws IOException {
      Contexts contexts = Contexts.read(Contexts.file(System.getenv()));
      if (!contexts.all().containsKey(name)) {
        throw new IOException(
            "(%s) is none of the contexts %s of %s"
                .formatted(name, contexts.all().keySet(), contexts.file()));
      }
      contexts.using(name).write();
      return print(Map.of("current", name), out -> out.println("In use: " + name));
    }
  }

  /** Makes a context, or changes what is given of one. */
  @Command(
      name = "set",
      header = "Makes a context, or changes what is given of one.",
      exitCodeList = {"0:written", "1:the file can't be used, or has no such context"},
      footer = "  sluice context set prod --rest https://flink:8081 --settings ~/prod/sluice.yaml")
  static final class Set extends ResultVerb {

    @Parameters(paramLabel = "NAME", description = "The context's name.")
    String name = "";

    @Option(names = "--rest", paramLabel = "URL", description = "Flink's REST interface.")
    @Nullable String rest;

    @Option(names = "--journal", paramLabel = "DIR", description = "Where stops are noted.")
    @Nullable Path journal;

    @Option(names = "--settings", paramLabel = "FILE", description = "The job's settings.")
    @Nullable Path settings;

    @Option(names = "--bootstrap-servers", paramLabel = "HOST:PORT", description = "The brokers.")
    @Nullable String bootstrapServers;

    @Option(
        names = "--kafka-properties",
        paramLabel = "FILE",
        description = "More for the Kafka clients, key=value a line.")
    @Nullable Path kafkaProperties;

    @Option(names = "--sign", paramLabel = "KEYFILE", description = "Signs receipts.")
    @Nullable Path sign;

    @Option(names = "--verify-key", paramLabel = "FILE", description = "Checks signed receipts.")
    @Nullable Path verifyKey;

    @Override
    public Integer call() throws IOException {
      Contexts contexts = Contexts.read(Contexts.file(System.getenv()));
      Context before = contexts.all().get(name);
      Map<String, String> places = new LinkedHashMap<>(before == null ? Map.of() : before.places());
      for (Place place : Place.values()) {
        Object given =
            spec.commandLine().getParseResult().matchedOptionValue("--" + place.flag(), null);
        if (given != null) {
          places.put(
              place.flag(),
              given instanceof Path file
                  ? file.toAbsolutePath().normalize().toString()
                  : given.toString());
        }
      }
      Context context = context(places);
      contexts.with(context).write();
      return print(context, out -> out.println("Written: " + contexts.file()));
    }

    private Context context(Map<String, String> places) {
      try {
        return new Context(name, places);
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), "" + e.getMessage(), e);
      }
    }
  }
}
