package dev.sluice.tool.cli;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What each exit code of the tool means, the same for every verb. A verb's annotation names the
 * codes that it ends with but 2, and what they mean of it; {@link #label} puts the common word
 * before.
 */
enum ExitCode {
  DONE(0, "done", "what was asked for is done, and was seen to be"),
  REFUSED(
      1, "refused", "refused, or an error; nothing was changed, unless the message says otherwise"),
  USAGE(2, "usage", "wrong usage"),
  ESCALATED(
      3, "escalated", "stopped without a savepoint, as declared; resumable from a checkpoint"),
  NOT_KNOWN(4, "not known", "not over in time, or not known: the same command continues"),
  BAD(5, "bad", "done, or checked, and the result is bad"),
  FAILED_STOPPING(6, "failed", "the savepoint is good, but the job failed while stopping"),
  UNDECIDED(7, "undecided", "nothing is known to be wrong, but not everything can be judged"),
  LEFT(8, "left", "the guard has left, and the job runs on"),
  OTHERWISE(9, "otherwise", "what was waited for can't come any more"),
  NO_ANSWER(
      10,
      "no answer",
      "Flink, the brokers or the store of a snapshot did not answer: the same command may succeed");

  private final int number;
  private final String word;
  private final String meaning;

  ExitCode(int number, String word, String meaning) {
    this.number = number;
    this.word = word;
    this.meaning = meaning;
  }

  int number() {
    return number;
  }

  /** One or two words. */
  String word() {
    return word;
  }

  /** A sentence for the table in the documentation. */
  String meaning() {
    return meaning;
  }

  static Optional<ExitCode> of(String number) {
    return Arrays.stream(values())
        .filter(one -> Integer.toString(one.number).equals(number))
        .findFirst();
  }

  /** Puts the common word before what a code means of a verb, in the help of each verb. */
  static void label(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    Map<String, String> ofTheVerb = spec.usageMessage().exitCodeList();
    if (!ofTheVerb.isEmpty()) {
      Map<String, String> labelled = new TreeMap<>(Comparator.comparing(Integer::valueOf));
      labelled.put("" + USAGE.number, USAGE.meaning);
      ofTheVerb.forEach(
          (number, text) ->
              labelled.put(number, of(number).map(code -> code.word + ": " + text).orElse(text)));
      spec.usageMessage().exitCodeList(labelled);
      if (spec.usageMessage().exitCodeListHeading().isEmpty()) {
        spec.usageMessage().exitCodeListHeading("%nExit codes:%n");
      }
    }
    command.getSubcommands().values().forEach(ExitCode::label);
  }
}
