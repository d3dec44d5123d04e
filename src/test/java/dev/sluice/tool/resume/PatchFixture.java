package dev.sluice.tool.resume;

import dev.sluice.tool.resume.ResumeOutcome.Finding;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Patches for tests of what takes them. */
public final class PatchFixture {

  private PatchFixture() {}

  /** Of a job with parallelism 4 and a file of settings. */
  public static ResumeOutcome.Patched patch(
      String snapshot, Map<String, String> settings, Map<String, String> flink, long nonce) {
    DeploymentPatch patch =
        new DeploymentPatch(
            snapshot,
            4,
            "/etc/sluice/sluice.yaml",
            new TreeMap<>(settings),
            new TreeMap<>(flink),
            nonce);
    return new ResumeOutcome.Patched(
        Finding.refused(snapshot, List.of(), List.of("a note")),
        patch.object(),
        patch.yaml(),
        List.of("not checked: x"),
        "Nothing was submitted, as asked");
  }
}
