package dev.sluice.cli;

import dev.sluice.ops.flink.JobManager;
import dev.sluice.ops.resume.Finding;
import dev.sluice.ops.resume.Latest;
import dev.sluice.ops.resume.Resume;
import dev.sluice.ops.resume.ResumeOutcome;
import dev.sluice.ops.resume.ResumePolicy;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Resumes a job from a receipt or a snapshot. */
@Command(
    name = "resume",
    preprocessor = SettingFlags.class,
    header = "Resumes a job from a receipt or a snapshot, or says why not.",
    description = {
      "",
      "Refuses what would lose or double answers, naming the safe way, and touches nothing then."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:resumed: it runs, has completed a checkpoint, and reads on if inputs are seen to wait",
      "1:refused, or an error: nothing changed",
      "2:wrong usage",
      "5:submitted, but it does not go on",
      "10:Flink or the brokers do not answer, nothing changed: try again"
    },
    footer = {"", "Example:", "  sluice resume receipt-sluice-1f2e3d4c.json --parallelism 8"})
final class ResumeCommand implements Callable<Integer> {

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin OutputForm output = new OutputForm();
  @Mixin ResumeOptions options = new ResumeOptions();

  @Parameters(
      paramLabel = "RECEIPT|SAVEPOINT",
      arity = "0..1",
      description = "A receipt's file or a snapshot's URI.")
  String from = "";

  @Option(
      names = "--latest",
      paramLabel = "JOB",
      description = "Its newest whole checkpoint since its last stop, or the snapshot of that.")
  @Nullable String latest;

  @Option(
      names = {"--heal"},
      description = "If answers were lost, take the newest older snapshot: it gives them again.")
  boolean heal;

  @Option(
      names = "--fork",
      paramLabel = "NAME",
      description = {
        "A second copy beside the running job, with this name, prefix and group;",
        "give it output topics of its own with --sluice.topics.…"
      })
  @Nullable String fork;

  @Option(names = "--print", description = "Only look, and print the flink command.")
  boolean print;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    if (from.isEmpty() == (latest == null)) {
      throw new ParameterException(
          spec.commandLine(),
          "Missing required parameter: RECEIPT|SAVEPOINT, or --latest JOB, not both");
    }
    ResumePolicy policy = options.policy(from, heal, fork);
    if (latest != null) {
      policy = latest(policy, latest, err);
    }
    ResumeOutcome outcome;
    Interrupted hook =
        Interrupted.say(
            err,
            "Interrupted. A job that Flink has taken runs on: the same command tells, and submits no second one");
    try {
      outcome = new Resume(policy, output.console.progress(err)).run(print);
    } finally {
      hook.over();
    }
    show(outcome, spec.commandLine().getOut());
    return outcome.exitCode();
  }

  private ResumePolicy latest(ResumePolicy policy, String job, PrintWriter err)
      throws IOException, InterruptedException {
    Latest.Found found =
        new Latest(
                new JobManager(policy.rest(), Duration.ofSeconds(10)),
                policy.journal(),
                output.console.progress(err))
            .find(job);
    output.console.progress(err).accept("the newest is " + found.from());
    boolean receipt = found.from().endsWith(".json");
    return policy.latest(found.from(), receipt ? null : found.receipt());
  }

  private void show(ResumeOutcome outcome, PrintWriter out) throws IOException {
    Finding finding = outcome.finding();
    if (output.isJson()) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("exitCode", outcome.exitCode());
      all.put("text", outcome.text());
      OutputForm.putCodes(all, outcome.text());
      all.put("snapshot", finding.snapshot());
      if (outcome instanceof ResumeOutcome.Resumed resumed) {
        all.put("jobId", resumed.jobId());
      } else if (outcome instanceof ResumeOutcome.Printed printed) {
        all.put("command", printed.command());
      }
      all.put("waiting", finding.waiting().isKnown() ? finding.waiting().records() : null);
      all.put("waitingKnown", finding.waiting().known().name().toLowerCase(Locale.ROOT));
      all.put("replayed", finding.replayed());
      all.put("missing", finding.missing());
      all.put("refusals", finding.refusals());
      all.put("notes", finding.notes());
      if (finding.healing() != null) {
        all.put("healing", finding.healing());
      }
      output.print(out, all);
      return;
    }
    if (outcome instanceof ResumeOutcome.Printed printed) {
      out.println(printed.command());
    } else {
      out.println(outcome.text() + ".");
    }
    finding.notes().forEach(note -> out.println("Note      " + note));
    out.flush();
  }
}
