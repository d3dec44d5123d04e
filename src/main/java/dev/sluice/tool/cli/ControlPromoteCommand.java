package dev.sluice.tool.cli;

import dev.sluice.model.Champion;
import dev.sluice.tool.control.ControlRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Makes another model the champion. */
@Command(
    name = "promote",
    header = "Makes another model the champion.",
    description = {
      "",
      "The job reads the file once, checks its hash and its content, and keeps it in its savepoints."
    },
    footer = {
      "",
      "Examples:",
      "  sluice control promote models/delay-2.tribuo --version 2 --shadow",
      "  sluice control promote delay-2.tribuo --uri s3://models/delay-2.tribuo --version 2"
    })
final class ControlPromoteCommand extends ControlVerb {

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
