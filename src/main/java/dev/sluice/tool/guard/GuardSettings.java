package dev.sluice.tool.guard;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a guard does in addition to stopping.
 *
 * @param listen where to serve HTTP
 * @param tokenFile holds what allows a stop over HTTP, and pages off loopback; null: neither
 * @param webhook where events are posted; null for nowhere
 * @param webhookTokenFile holds what is sent there as Bearer; null for none
 * @param onStep a shell command to run when a step ends; null for none
 * @param onStepLimit after which such a command is killed
 * @param trail a file of events; null for none
 */
public record GuardSettings(
    Listen listen,
    @Nullable Path tokenFile,
    @Nullable URI webhook,
    @Nullable Path webhookTokenFile,
    @Nullable String onStep,
    Duration onStepLimit,
    @Nullable Path trail) {

  @Override
  public String toString() {
    return "GuardSettings[%s]".formatted(listen);
  }
}
