package dev.sluice.tool.cli;

import dev.sluice.settings.SettingsException;
import dev.sluice.tool.receipt.UntrustedReceiptException;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** The command-line tool. {@link ExitCode} says what its exit codes mean. */
@Command(
    name = "sluice",
    description = "Stops, proves and resumes a streaming-ML job for Apache Flink.",
    versionProvider = Sluice.Version.class,
    subcommands = {
      StopCommand.class,
      GuardCommand.class,
      VerifyCommand.class,
      ReportCommand.class,
      ResumeCommand.class,
      AuditCommand.class,
      StatusCommand.class,
      ListCommand.class,
      HistoryCommand.class,
      WaitCommand.class,
      TransactionsCommand.class,
      LintCommand.class,
      InspectCommand.class,
      DrillCommand.class,
      RollbackCommand.class,
      ControlCommand.class,
      ReplayCommand.class,
      DeadLettersCommand.class,
      ScoreCommand.class,
      TrainCommand.class,
      EvaluateCommand.class,
      InitCommand.class,
      FeedCommand.class,
      ContextCommand.class,
      VersionCommand.class,
      SchemaCommand.class,
      FlightsCommand.class,
      ManCommand.class
    },
    footer = {
      "",
      "Examples:",
      "  sluice stop sluice --savepointPath s3://savepoints",
      "  sluice resume receipt-sluice-1f2e3d4c.json",
      "  sluice score --since 2001-01-08T00:00:00Z -o json",
      "  sluice inspect target/local/savepoints/savepoint-1a2b3c --keys",
      "",
      "Every verb: -v (stack traces and logs), --quiet (results and errors only),",
      "  --color=auto|always|never, -o json|yaml for a result; sluice schema VERB describes it.",
      "sluice VERB --help describes a verb."
    })
public final class Sluice extends VerbGroup {

  /** Of every verb: {@link Connection#services}. */
  final ToolServices services;

  /** This machine's: picocli makes it so for the completion, in deploy/dist/build. */
  public Sluice() {
    this(ToolServices.real());
  }

  /** Of a tool that reaches the world by these. */
  public Sluice(ToolServices services) {
    this.services = services;
  }

  public static void main(String[] args) {
    ConfigProviders.switchOff();
    CommandLine tool = plain(commandLine(ToolServices.real()));
    tool.setExecutionStrategy(
        parsed -> {
          Logs.set(parsed);
          return new CommandLine.RunLast().execute(parsed);
        });
    System.exit(tool.execute(asked(args)));
  }

  /** {@code help VERB} is {@code VERB --help}, as in other tools. */
  static String[] asked(String... args) {
    if (args.length == 0 || !args[0].equals("help")) {
      return args;
    }
    String[] asked = Arrays.copyOfRange(args, 1, args.length + 1);
    asked[asked.length - 1] = "--help";
    return asked;
  }

  /** The whole tool, its writers still to be set or left on the process's own. */
  static CommandLine commandLine(ToolServices services) {
    CommandLine tool =
        new CommandLine(new Sluice(services))
            .setParameterExceptionHandler(Sluice::misused)
            .setExecutionExceptionHandler(Sluice::failed)
            .setUsageHelpWidth(100);
    ExitCode.label(tool);
    addHeadings(tool);
    addWords(tool, tool);
    return tool;
  }

  /** Picocli's own message names each word of an enum twice where it is not the constant's name. */
  private static void addWords(CommandLine command, CommandLine tool) {
    for (ArgSpec one : command.getCommandSpec().args()) {
      if (one.type().isEnum()) {
        addWords(one.type(), tool);
      }
    }
    command.getSubcommands().values().forEach(verb -> addWords(verb, tool));
  }

  private static <T> void addWords(Class<T> type, CommandLine tool) {
    List<T> all = List.of(type.getEnumConstants());
    tool.registerConverter(
        type,
        word ->
            all.stream()
                .filter(one -> word.equals(one.toString()) || word.equals(((Enum<?>) one).name()))
                .findFirst()
                .orElseThrow(
                    () ->
                        new TypeConversionException(
                            "expected one of %s but was (%s)".formatted(all, word))));
  }

  private static void addHeadings(CommandLine command) {
    UsageMessageSpec usage = command.getCommandSpec().usageMessage();
    if (usage.header().length > 0 && usage.description().length > 0) {
      usage.descriptionHeading("%n");
    }
    String[] footer = usage.footer();
    if (footer.length > 0 && footer[0].startsWith("  sluice ")) {
      usage.footerHeading(footer.length == 1 ? "%nExample:%n" : "%nExamples:%n");
    }
    command.getSubcommands().values().forEach(Sluice::addHeadings);
  }

  /** All output goes through {@link PlainText}. */
  static CommandLine plain(CommandLine tool) {
    return tool.setOut(PlainText.of(tool.getOut())).setErr(PlainText.of(tool.getErr()));
  }

  private static int misused(ParameterException thrown, String[] args) {
    CommandLine command = thrown.getCommandLine();
    String verb = command.getCommandSpec().qualifiedName();
    command.getErr().println(verb + ": " + thrown.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(thrown, command.getErr());
    command.getErr().println("See: " + verb + " --help");
    command.getErr().flush();
    String text = String.valueOf(thrown.getMessage());
    printError(command, OutputForm.wanted(command, args), ExitCode.USAGE, text);
    return ExitCode.USAGE.number();
  }

  private static int failed(Exception thrown, CommandLine command, ParseResult parsed)
      throws IOException {
    PrintWriter err = command.getErr();
    String verb = command.getCommandSpec().qualifiedName();
    Throwable reason =
        Objects.requireNonNull(thrown instanceof UncheckedIOException ? thrown.getCause() : thrown);
    boolean expected =
        reason instanceof IOException
            || reason instanceof IllegalArgumentException
            || reason instanceof SettingsException;
    String text = expected && reason.getMessage() != null ? words(reason) : thrown.toString();
    boolean untrusted =
        reason instanceof UntrustedReceiptException
            && command.getCommand() instanceof VerifyCommand;
    ExitCode code = untrusted ? ExitCode.BAD : ExitCode.REFUSED;
    if (Silence.isBehind(thrown)) { // never by the text, which may quote others
      code = ExitCode.NO_ANSWER;
      text = RefusalCode.NO_ANSWER.in(text);
    }
    err.println(verb + ": " + text);
    if (!expected || verb(parsed).matchedOptionValue("--verbose", false)) {
      thrown.printStackTrace(err);
    }
    err.flush();
    printError(command, form(parsed), code, text);
    return code.number();
  }

  private static void printError(CommandLine command, String form, ExitCode code, String text) {
    if (form.equals("json") || form.equals("yaml")) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("exitCode", code.number());
      json.put("text", text);
      OutputForm.putCodes(json, text);
      if (form.equals("yaml")) {
        OutputForm.printYaml(command.getOut(), json);
      } else {
        OutputForm.printJson(command.getOut(), json);
      }
    }
  }

  /** What was parsed of the verb itself. */
  static ParseResult verb(ParseResult parsed) {
    ParseResult verb = parsed;
    while (verb.hasSubcommand()) {
      verb = verb.subcommand();
    }
    return verb;
  }

  private static String form(ParseResult parsed) {
    Enum<?> form = verb(parsed).matchedOptionValue("--output-format", OutputForm.Form.text);
    return form.name(); // inspect has forms of its own
  }

  /** The JDK often reports no more than the name of an unusable file. */
  private static String words(Throwable reason) {
    String message = String.valueOf(reason.getMessage());
    if (reason instanceof NoSuchFileException) {
      return "there is no file " + message;
    } else if (reason instanceof AccessDeniedException) {
      return "%s may not be read or written by this user".formatted(message);
    } else if (reason instanceof FileSystemException) {
      return "%s can't be used (%s)".formatted(message, reason.getClass().getSimpleName());
    }
    return message;
  }

  /** The version in the jar's manifest. */
  static final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
      String version = Sluice.class.getPackage().getImplementationVersion();
      return new String[] {"sluice " + (version == null ? "(unpackaged)" : version)};
    }
  }
}
