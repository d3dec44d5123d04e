package dev.sluice.tool.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The public key of signed receipts, on verbs that read one that another party may have written.
 * {@link Connection#checking} reads it.
 */
final class CheckingKey {

  @Option(
      names = "--verify-key",
      paramLabel = "FILE",
      description = "Refuse a receipt that this public key's owner has not signed.")
  @Nullable Path file;
}
