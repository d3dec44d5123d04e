package dev.sluice.deploy;

import dev.sluice.support.cluster.Command;
import dev.sluice.support.cluster.CommandResult;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What {@code kubectl apply -k} would send to a cluster.
 *
 * @param yaml all documents
 * @param manifests the same, parsed
 */
record Kustomized(String yaml, List<Manifest> manifests) {

  static final String BASE = "base";
  static final String DEVELOPMENT = "overlays/development";
  static final String PRODUCTION = "overlays/production";

  private static final Path HERE = Path.of("deploy/kubernetes");
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /** Nothing changes these files while tests run. */
  private static final Map<String, Kustomized> RENDERED = new ConcurrentHashMap<>();

  /**
   * Renders a directory, asking no cluster.
   *
   * @throws AssertionError if there is no kubectl, or it refuses
   */
  static Kustomized of(String directory) {
    return RENDERED.computeIfAbsent(directory, each -> of("kubectl", HERE.resolve(each)));
  }

  /** The same by another program, and run each time. */
  static Kustomized of(String kubectl, Path directory) {
    CommandResult result;
    try {
      result = Command.run(List.of(kubectl, "kustomize", directory.toString()), Map.of(), DEADLINE);
    } catch (UncheckedIOException e) {
      throw new AssertionError(
          "there is no %s on the path; Debian has it in the package kubernetes-client"
              .formatted(kubectl),
          e);
    }
    String yaml = result.requireSuccess().stdout();
    return new Kustomized(yaml, Manifest.parse(yaml));
  }

  /** All of a kind. */
  List<Manifest> all(String kind) {
    return manifests.stream().filter(each -> each.kind().equals(kind)).toList();
  }

  /** The only one of its kind and name. */
  Manifest one(String kind, String name) {
    List<Manifest> found = all(kind).stream().filter(each -> each.name().equals(name)).toList();
    if (found.size() != 1) {
      throw new AssertionError(
          "%s manifests are a %s of the name %s: %s"
              .formatted(found.size(), kind, name, manifests));
    }
    return found.get(0);
  }

  /** The job. */
  Manifest flink() {
    return one("FlinkDeployment", "sluice");
  }

  /** What runs the guard. */
  Manifest guard() {
    return one("Deployment", "sluice-guard");
  }
}
