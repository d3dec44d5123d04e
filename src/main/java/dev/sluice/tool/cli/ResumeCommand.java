package dev.sluice.tool.cli;

import dev.sluice.tool.resume.Latest;
import dev.sluice.tool.resume.Resume;
import dev.sluice.tool.resume.ResumeOutcome;
import dev.sluice.tool.resume.ResumePolicy;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Resumes a job from a receipt or a snapshot. */
@Command(
    name = "resume",
    preprocessor = SettingFlags.class,
    header = "Resumes a job from a receipt or a snapshot, or says why not.",
    description = {
      "Refuses what would lose or double answers, naming the safe way, and touches nothing then."
    },
    exitCodeList = {
      "0:resumed: it runs, has completed a checkpoint, and reads on if inputs are seen to wait;"
          + " with --print or --to, printed",
      "1:or an error; nothing changed",
      "5:submitted, but it does not make progress",
      "10:Flink, the brokers or the store do not answer, nothing changed: try again"
    },
    footer = {
      "  sluice resume receipt-sluice-1f2e3d4c.json --parallelism 8",
      "  sluice resume receipt-sluice-1f2e3d4c.json --to flinkdeployment > patch.yaml &&",
      "    kubectl patch flinkdeployment sluice --type merge --patch-file patch.yaml"
    })
final class ResumeCommand extends ResultVerb {

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
        "A second copy of the running job, with this name, prefix and group;",
        "give it output topics of its own with --sluice.topics.…"
      })
  @Nullable String fork;

  @Option(names = "--print", description = "Only check, and print the flink command.")
  boolean print;

  @Option(
      names = "--to",
      paramLabel = "KIND",
      description = {
        "Only check, submit nothing, print what lets another program resume it:",
        "flinkdeployment, the merge patch of the Flink Kubernetes operator's resource,",
        "alone on stdout; stderr has what this tool can't know of it. Nothing is written",
        "down of the resumption then."
      })
  @Nullable Kind to;

  @Option(
      names = "--deployed-settings",
      paramLabel = "FILE",
      description = {
        "With --to: the job's file of settings as the deployment's containers see it,",
        "for what no argument holds: Kafka's properties and the token."
      })
  @Nullable String deployedSettings;

  /** Who else may resume a job. */
  enum Kind {
    flinkdeployment
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    require(
        from.isEmpty() != (latest == null),
        "Missing required parameter: RECEIPT|SAVEPOINT, or --latest JOB, not both");
    require(
        to == null || (!print && fork == null),
        "--to prints a patch of the job's own deployment: it goes with neither --print nor --fork");
    require(
        to != null || deployedSettings == null,
        "--deployed-settings is of --to flinkdeployment: give that, too");
    ResumePolicy policy = options.policy(from, heal, fork);
    if (latest != null) {
      policy = latest(policy, latest);
    }
    ResumeOutcome outcome;
    Interrupted hook =
        Interrupted.say(
            err(),
            "Interrupted. A job that Flink has taken runs on: the same command finds it, and submits no second one");
    try {
      Resume resume = new Resume(options.connection.services(), policy, progress());
      outcome = to == null ? resume.run(print) : resume.printDeployment(deployedSettings);
    } finally {
      hook.over();
    }
    if (outcome instanceof ResumeOutcome.Patched patched) {
      show(patched, out(), err());
      return outcome.exitCode();
    }
    if (to != null && !output.isJson()) {
      show(outcome, err()); // stdout has the patch alone, for users who redirect it into a file
      return outcome.exitCode();
    }
    return print(outcome.exitCode(), json(outcome), out -> show(outcome, out));
  }

  private ResumePolicy latest(ResumePolicy policy, String job)
      throws IOException, InterruptedException {
    ToolServices services = options.connection.services();
    Latest.Found found =
        new Latest(services.flink(policy.rest()), policy.journal(), progress(), services.time())
            .find(job);
    progress().accept("the newest is " + found.from());
    boolean receipt = found.from().endsWith(".json");
    return policy.latest(found.from(), receipt ? null : found.receipt());
  }

  /** The patch alone goes to stdout, so that a file of it is what kubectl takes. */
  void show(ResumeOutcome.Patched patched, PrintWriter out, PrintWriter err) {
    if (output.form == OutputForm.Form.json) {
      OutputForm.printJson(out, patched.patch());
    } else {
      out.print(patched.yaml());
      out.flush();
    }
    err.println(
        patched.text() + ": kubectl patch flinkdeployment NAME --type merge --patch-file FILE");
    patched.finding().notes().forEach(note -> err.println("Note      " + note));
    patched.unknown().forEach(note -> err.println("Note      " + note));
  }

  private static Map<String, Object> json(ResumeOutcome outcome) {
    ResumeOutcome.Finding finding = outcome.finding();
    Map<String, Object> all = OutputForm.result(outcome.exitCode(), outcome.text());
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
    OutputForm.put(all, "healing", finding.healing());
    return all;
  }

  private static void show(ResumeOutcome outcome, PrintWriter out) {
    if (outcome instanceof ResumeOutcome.Printed printed) {
      out.println(printed.command());
    } else {
      out.println(outcome.text() + ".");
    }
    outcome.finding().notes().forEach(note -> out.println("Note      " + note));
  }
}
