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

/** Makes a context, or changes what is given of one. */
@Command(
    name = "set",
    header = "Makes a context, or changes what is given of one.",
    exitCodeList = {"0:written", "1:the file can't be used, or has no such context"},
    footer = {
      "",
      "Example:",
      "  sluice context set prod --rest https://flink:8081 --settings ~/prod/sluice.yaml"
    })
final class ContextSetCommand extends ResultVerb {

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
