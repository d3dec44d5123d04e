package dev.sluice.tool.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The private key of signed receipts, on every verb that writes one. Its constructor's verb gives
 * it to {@link Connection#signing}, which reads it.
 */
final class SigningKey {

  @Option(
      names = "--sign",
      paramLabel = "KEYFILE",
      description = "Sign receipts with this Ed25519 key; refuse one it has not signed.")
  @Nullable Path file;
}
