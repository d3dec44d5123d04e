package dev.sluice.tool.cli;

import dev.sluice.event.Command.Part;
import dev.sluice.model.Champion;
import dev.sluice.tool.control.ControlRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** The verbs that a running job obeys. */
@Command(
    name = "control",
    header = "Commands a running job to pause, resume, promote a model, serve, reset or forget.",
    description = {
      "Each command is written to the control topic; the job answers it in the control log, with",
      "its next checkpoint. What it has accepted lives in its savepoints. Where no running job"
          + " takes",
      "commands from the topic, nothing is sent: a later job would carry it out."
    },
    subcommands = {
      ControlCommand.Pause.class,
      ControlCommand.Resume.class,
      ControlCommand.Promote.class,
      ControlCommand.Confirm.class,
      ControlCommand.Drop.class,
      ControlCommand.Serve.class,
      ControlCommand.Reset.class,
      ControlCommand.Forget.class
    },
    exitCodeList = {
      "0:the job has accepted the command",
      "1:the job has rejected it, or no running job takes commands from the topic",
      "4:the job has not answered in time",
      "10:Flink or the brokers do not answer: try again"
    },
    footer = {
      "  sluice control pause --part scoring --key LAS",
      "  sluice control promote models/delay-2.tribuo --version 2",
      "",
      "sluice control VERB --help describes a verb."
    })
final class ControlCommand extends VerbGroup {

  /** A verb about learning or scoring, of one key or of every key. */
  abstract static class OfPart extends ControlVerb {

    @Option(
        names = "--part",
        paramLabel = "PART",
        defaultValue = "all",
        description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    Part part = Part.ALL;

    @Option(
        names = "--key",
        paramLabel = "KEY",
        description = "Only this key (default: every key).")
    @Nullable String key;
  }

  /** A verb about the shadow. */
  abstract static class OfShadow extends ControlVerb {

    /** Its own, because the standard ones take {@code --version} for the tool's. */
    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Show this help message and exit.")
    boolean help;

    @Option(
        names = "--version",
        required = true,
        paramLabel = "N",
        description = "The version that it was promoted with.")
    int version;
  }

  @Command(
      name = "pause",
      header = "Pauses learning, scoring or both, for one key or for every key.",
      description = {
        "Outcomes are still evaluated while learning is paused. Observations that come while"
            + " scoring",
        "is paused are deferred; sluice replay feeds them back."
      },
      mixinStandardHelpOptions = true,
      footer = {"  sluice control pause", "  sluice control pause --part scoring --key LAS"})
  static final class Pause extends OfPart {
    @Override
    ControlRequest request() {
      return ControlRequest.pause(id(), part, key(key));
    }
  }

  @Command(
      name = "resume",
      header = "Takes learning, scoring or both up again.",
      description = {
        "With no key it ends the pauses of every key. What was deferred stays so until sluice"
            + " replay",
        "feeds it back."
      },
      mixinStandardHelpOptions = true,
      footer = {"  sluice control resume", "  sluice control resume --part scoring --key LAS"})
  static final class Resume extends OfPart {
    @Override
    ControlRequest request() {
      return ControlRequest.resume(id(), part, key(key));
    }
  }

  @Command(
      name = "confirm",
      header = "Makes the shadow the champion.",
      description = {
        "The shadow is the model of sluice control promote --shadow: so far it predicted next to"
            + " the",
        "champion, and the evaluations topic compares them."
      },
      footer = "  sluice control confirm --version 2")
  static final class Confirm extends OfShadow {
    @Override
    ControlRequest request() {
      return ControlRequest.confirm(id(), version);
    }
  }

  @Command(
      name = "drop",
      header = "Forgets the shadow.",
      description = {
        "The shadow is the model of sluice control promote --shadow. The champion stays."
      },
      footer = "  sluice control drop --version 2")
  static final class Drop extends OfShadow {
    @Override
    ControlRequest request() {
      return ControlRequest.drop(id(), version);
    }
  }

  @Command(
      name = "serve",
      header = "Changes what serves predictions, for every key at once.",
      description = {
        "blend: the mixture of champion and challengers, weighted for each key by how well they predicted.",
        "best: each key serves whichever of the two has the lower prequential loss."
      },
      mixinStandardHelpOptions = true,
      footer = "  sluice control serve blend")
  static final class Serve extends ControlVerb {

    @Parameters(paramLabel = "POLICY", description = "${COMPLETION-CANDIDATES}.")
    ControlRequest.Policy policy = ControlRequest.Policy.BEST;

    @Override
    ControlRequest request() {
      return ControlRequest.serve(id(), policy);
    }
  }

  @Command(
      name = "reset",
      header = "Lets challengers start again from the champion.",
      description = "What they have learned is gone: only an older savepoint brings it back.",
      mixinStandardHelpOptions = true,
      footer = {"  sluice control reset --key LAS", "  sluice control reset --every-key"})
  static final class Reset extends ControlVerb {

    @ArgGroup(multiplicity = "1")
    Which which = new Which();

    /** Every key must be asked for in so many words. */
    static final class Which {

      @Option(names = "--key", paramLabel = "KEY", description = "This key's.", required = true)
      @Nullable String key;

      @Option(names = "--every-key", description = "All of them.", required = true)
      boolean everyKey;
    }

    @Override
    ControlRequest request() {
      return ControlRequest.reset(id(), key(which.key));
    }
  }

  @Command(
      name = "forget",
      header = "Lets the job forget a key: its model and what is pending.",
      description = {
        "Outcomes that wait for their observation become dead letters. The key may come back as a",
        "new one; a pause of it stays. Older savepoints and the topics still hold it."
      },
      mixinStandardHelpOptions = true,
      exitCodeList = {
        "0:accepted, also of a key that the job does not know",
        "1:rejected, or no running job takes commands from the topic",
        "4:no answer in time",
        "10:Flink or the brokers do not answer: try again"
      },
      footer = "  sluice control forget --key LAS")
  static final class Forget extends ControlVerb {

    @Option(names = "--key", paramLabel = "KEY", required = true, description = "The key.")
    String key = "";

    @Override
    ControlRequest request() {
      require(!key.isEmpty(), "--key must not be empty");
      return ControlRequest.forget(id(), key);
    }
  }

  /** Makes another model the champion. */
  @Command(
      name = "promote",
      header = "Makes another model the champion.",
      description = {
        "The job reads the file once, checks its hash and its content, and keeps it in its"
            + " savepoints."
      },
      footer = {
        "  sluice control promote models/delay-2.tribuo --version 2 --shadow",
        "  sluice control promote delay-2.tribuo --uri s3://models/delay-2.tribuo --version 2"
      })
  static final class Promote extends ControlVerb {

    /** Its own, because the standard ones take {@code --version} for the tool's. */
    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Show this help message and exit.")
    boolean help;

    @Parameters(
        paramLabel = "MODEL",
        arity = "0..1",
        description = "The model's file on this machine; its SHA-256 is sent along.")
    @Nullable Path model;

    @Option(
        names = "--uri",
        paramLabel = "URI",
        description = "Where the job reads it (default: MODEL, by the same path).")
    @Nullable String uri;

    @Option(
        names = "--sha256",
        paramLabel = "HEX",
        description = "In place of MODEL, if the file is not on this machine.")
    @Nullable String sha256;

    @Option(
        names = "--version",
        required = true,
        paramLabel = "N",
        description = "What predictions will name as championVersion.")
    int version;

    @Option(names = "--reseed", description = "Let every challenger start again from it.")
    boolean reseed;

    @Option(
        names = "--shadow",
        description = "Only let it predict next to the champion, until confirm or drop.")
    boolean shadow;

    @Override
    ControlRequest request() throws IOException {
      return ControlRequest.promote(id(), model(), reseed, shadow);
    }

    private ControlRequest.Model model() throws IOException {
      Path file = model;
      if (file != null && sha256 == null) {
        return new ControlRequest.Model(
            uri == null ? file.toAbsolutePath().normalize().toUri().toString() : uri,
            Champion.sha256(read(file)),
            version);
      }
      if (file != null || uri == null || sha256 == null) {
        throw misused("name MODEL, or in its place both --uri and --sha256");
      }
      try {
        return new ControlRequest.Model(uri, sha256, version);
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), "--sha256: " + e.getMessage(), e);
      }
    }

    private static byte[] read(Path file) throws IOException {
      try {
        return Files.readAllBytes(file);
      } catch (NoSuchFileException e) {
        throw new IOException("there is no model %s".formatted(file), e);
      }
    }
  }
}
