package dev.sluice.tool.resume;

import dev.sluice.tool.stop.ShellWords;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a FlinkDeployment of the Flink Kubernetes operator has to be changed for the operator to
 * resume its job from a snapshot: a JSON merge patch (RFC 7386), which {@code kubectl patch --type
 * merge} takes.
 *
 * <p>The operator heeds {@code initialSavepointPath} of a deployment that it has deployed before
 * only together with another {@code savepointRedeployNonce} than the last one. It then cancels any
 * job there without a savepoint, and deploys the whole specification from the path. {@code
 * upgradeMode} is named because {@code stateless}, the operator's default, would start the job from
 * nothing at the next change, and {@code allowNonRestoredState} because {@code true} would drop
 * state that no operator takes up, the transactions that wait for their commit among it.
 *
 * @param snapshot its URI
 * @param parallelism of the job
 * @param settingsFile where the deployment's containers have the job's file of settings; null for
 *     none
 * @param settings of the job, as far as they may be seen; they prevail over the file's
 * @param flink what the job had of Flink's configuration
 * @param nonce differs from that of each earlier patch, as the milliseconds since 1970 do
 */
record DeploymentPatch(
    String snapshot,
    int parallelism,
    @Nullable String settingsFile,
    SortedMap<String, String> settings,
    SortedMap<String, String> flink,
    long nonce) {

  private static final int INDENT = 2;
  private static final Pattern UNPRINTABLE =
      Pattern.compile("[\\u0000-\\uffff&&[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Cn}\\p{Zl}\\p{Zp}]]");

  /** The patch, as JSON has it. */
  Map<String, Object> object() {
    Map<String, Object> job = new LinkedHashMap<>();
    job.put("state", "running");
    job.put("upgradeMode", "savepoint");
    job.put("allowNonRestoredState", false);
    job.put("initialSavepointPath", snapshot);
    job.put("savepointRedeployNonce", nonce);
    job.put("parallelism", parallelism);
    job.put("args", arguments());
    Map<String, Object> spec = new LinkedHashMap<>();
    if (!flink.isEmpty()) {
      spec.put("flinkConfiguration", flink);
    }
    spec.put("job", job);
    return Map.of("spec", spec);
  }

  /** All of them: a list in a merge patch replaces the one that is there. */
  private List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    if (settingsFile != null) {
      arguments.add("--settings");
      arguments.add(settingsFile);
    }
    arguments.addAll(ShellWords.arguments(settings));
    return arguments;
  }

  /**
   * What has to be known before it is applied and can't be known here, a sentence each.
   *
   * @param unseen the names of settings that no argument holds, because they may be secrets
   */
  List<String> unknown(Set<String> unseen) {
    return List.of(
        "the operator cancels whatever runs in the deployment when it takes the patch, without a savepoint: apply "
            + "it only where the job was stopped, and at once, for what was checked is true only now",
        "the job gets an id from the operator, not one that this tool derives, so that Flink does not refuse a "
            + "second copy: make sure that no one resumes the snapshot elsewhere",
        "nothing is written down: no receipt names the new job, so that its next stop compares no counters with "
            + "those of the stop before",
        ("not checked: the deployment's image and its job's jar, the slots of its TaskManagers (%s are needed), "
                + "and whether its pods reach the snapshot and the brokers")
            .formatted(parallelism),
        settingsFile == null
            ? ("args take the place of all that the deployment has, a --settings FILE among them%s; "
                    + "--deployed-settings FILE keeps it")
                .formatted(
                    unseen.isEmpty()
                        ? ", and hold no properties of Kafka's clients and no token"
                        : ", and do not hold " + unseen)
            : "args take the place of all that the deployment has; %s there must hold %s"
                .formatted(
                    settingsFile,
                    unseen.isEmpty()
                        ? "the properties of Kafka's clients and the token, where the job needs any"
                        : unseen.toString()),
        ("the deployment's manifest, or whatever else applies it, must say the same: what it says otherwise comes "
                + "back with the next apply, for which the operator stops the job%s")
            .formatted(
                flink.isEmpty()
                    ? ""
                    : "; where its flinkConfiguration has keys one in another, write these there in that form, as "
                        + "either might count"));
  }

  /**
   * The patch in YAML, every text in double quotes. A library that writes YAML 1.2 leaves {@code
   * off} and {@code 12:30} without, which {@code kubectl}, a reader of YAML 1.1, takes for a
   * boolean and a number.
   */
  String yaml() {
    StringBuilder yaml = new StringBuilder();
    write(object(), 0, yaml);
    return yaml.toString();
  }

  private static void write(Map<?, ?> map, int depth, StringBuilder yaml) {
    map.forEach(
        (key, value) -> {
          yaml.append(" ".repeat(depth)).append(key(String.valueOf(key))).append(':');
          if (value instanceof Map<?, ?> inner) {
            yaml.append('\n');
            write(inner, depth + INDENT, yaml);
          } else if (value instanceof List<?> list && !list.isEmpty()) {
            yaml.append('\n');
            list.forEach(
                each ->
                    yaml.append(" ".repeat(depth + INDENT))
                        .append("- ")
                        .append(scalar(each))
                        .append('\n'));
          } else {
            yaml.append(' ').append(scalar(value)).append('\n');
          }
        });
  }

  private static String key(String key) {
    return key.matches("[A-Za-z]+") ? key : quoted(key);
  }

  private static String scalar(Object value) {
    if (value instanceof List<?>) {
      return "[]";
    }
    return value instanceof String text ? quoted(text) : String.valueOf(value);
  }

  /**
   * A text in double quotes. Every character that YAML calls a line break or unprintable is written
   * as an escape; a pair of surrogates stays a pair, because YAML has no escape of a half.
   */
  private static String quoted(String text) {
    String escaped = text.replace("\\", "\\\\").replace("\"", "\\\"");
    return UNPRINTABLE
        .matcher("\"" + escaped + "\"")
        .replaceAll(each -> "\\\\u%04x".formatted(each.group().codePointAt(0)));
  }
}
