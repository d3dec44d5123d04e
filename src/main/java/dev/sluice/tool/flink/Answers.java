package dev.sluice.tool.flink;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Predicate;

/**
 * What Flink's answers always have, whatever is known of a job. An empty success of a proxy, or the
 * health check of another program at the address, has none of it, and must not be taken for "there
 * is no job": so of each answer the field is asked for that the question is about, and no more. The
 * fields are those that the message classes of Flink write without a condition.
 */
final class Answers {

  /** To a request that only has to be taken: it may be empty. */
  static final Predicate<JsonNode> ANY = answer -> true;

  /** DashboardConfiguration. */
  static final Predicate<JsonNode> DASHBOARD = text("flink-version").or(object("features"));

  /** MultipleJobsDetails: a list, however many there are, of jobs with id and state. */
  static final Predicate<JsonNode> JOBS =
      array("jobs").and(answer -> each(answer.path("jobs"), text("jid").and(text("state"))));

  /** JobStatusInfo. */
  static final Predicate<JsonNode> STATUS = text("status");

  /** JobDetailsInfo. */
  static final Predicate<JsonNode> DETAIL = array("vertices");

  /** JobConfigInfo: with nothing but id and name while the job is not up. */
  static final Predicate<JsonNode> CONFIG = text("jid").or(object("execution-config"));

  /** CheckpointConfigInfo. */
  static final Predicate<JsonNode> CHECKPOINTING = answer -> answer.path("interval").isNumber();

  /** CheckpointingStatistics: with its four parts, each of which may be of nothing. */
  static final Predicate<JsonNode> CHECKPOINTS = object("latest").and(array("history"));

  /** ClusterOverviewWithVersion. */
  static final Predicate<JsonNode> OVERVIEW = answer -> answer.path("slots-total").isNumber();

  /** AsynchronousOperationResult. */
  static final Predicate<JsonNode> OPERATION = answer -> answer.path("status").hasNonNull("id");

  /** JobExceptionsInfoWithHistory. */
  static final Predicate<JsonNode> EXCEPTIONS = object("exceptionHistory");

  /** JarUploadResponseBody. */
  static final Predicate<JsonNode> UPLOADED = text("filename");

  /** ConfigurationInfo, and what metrics there are: maybe none. */
  static final Predicate<JsonNode> LIST =
      answer -> answer.isArray() && each(answer, JsonNode::isObject);

  private Answers() {}

  private static Predicate<JsonNode> text(String field) {
    return answer -> answer.path(field).isTextual();
  }

  private static Predicate<JsonNode> object(String field) {
    return answer -> answer.path(field).isObject();
  }

  private static Predicate<JsonNode> array(String field) {
    return answer -> answer.path(field).isArray();
  }

  private static boolean each(JsonNode list, Predicate<JsonNode> fits) {
    for (JsonNode one : list) {
      if (!fits.test(one)) {
        return false;
      }
    }
    return true;
  }
}
