package dev.sluice.bench.contender;

import dev.sluice.job.SluiceJob;
import java.util.ArrayList;
import java.util.List;

/** The job itself, as it is shipped, on a Flink in its own process. */
public final class SluiceProgram {

  private SluiceProgram() {}

  /** Runs until it is ended. */
  public static void main(String[] arguments) throws Exception {
    Assignment assignment = Assignment.parse(arguments);
    LocalFlink.install(assignment);
    List<String> settings = new ArrayList<>();
    assignment
        .jobSettings()
        .forEach(
            (key, value) -> {
              settings.add("--" + key);
              settings.add(value);
            });
    SluiceJob.main(settings.toArray(String[]::new));
  }
}
