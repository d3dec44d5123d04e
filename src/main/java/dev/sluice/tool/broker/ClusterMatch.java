package dev.sluice.tool.broker;

/**
 * Whether brokers are of the Kafka cluster that a job writes to. Addresses do not show that: a
 * cluster has several, and one name leads to other brokers on another machine. A copy of the
 * cluster has topics and transactional ids of the same names, so what it knows of them does not
 * show it either. The id does: a cluster gets it when it is created, and each of its brokers
 * reports it, to any user. An id that many clusters have does not show it: that of a copy of the
 * cluster's disks, which no comparison finds, and the one that a container image gives to each.
 */
public sealed interface ClusterMatch {

  /** How each {@link Unknown#clause} begins. */
  String NOT_KNOWN = "that the brokers asked are of the job's Kafka cluster";

  /** What the image {@code apache/kafka} gives each cluster that is created without an id. */
  String OF_THE_IMAGE = "5L6g3nShT-eMCtK--X86sw";

  /** They report the same id. */
  record Same() implements ClusterMatch {}

  /**
   * They are not: nothing that they report is of the job.
   *
   * @param words say so, a clause
   */
  record Other(String words) implements ClusterMatch {}

  /**
   * One of the two ids is not known, or both are that of the image.
   *
   * @param clause what is thus not proved
   */
  record Unknown(String clause) implements ClusterMatch {}

  /**
   * Compares two ids.
   *
   * @param servers that were asked
   * @param reported by these; empty if they reported none
   * @param ofTheJob as it has published it; empty if it has not
   */
  static ClusterMatch of(String servers, String reported, String ofTheJob) {
    if (ofTheJob.isEmpty()) {
      return new Unknown(
          ("%s: the id of its cluster is not known, as of a job that an earlier version started, or"
                  + " that could not read it at its start")
              .formatted(NOT_KNOWN));
    }
    if (reported.isEmpty()) {
      return new Unknown(
          "%s (%s): those at %s report no id of theirs".formatted(NOT_KNOWN, ofTheJob, servers));
    }
    if (!reported.equals(ofTheJob)) {
      return new Other(
          ("the brokers at %s are of Kafka cluster (%s), and the job read at its start that it"
                  + " writes to cluster (%s): what they report is not of the job")
              .formatted(servers, reported, ofTheJob));
    }
    return reported.equals(OF_THE_IMAGE)
        ? new Unknown(
            ("%s: both have the id (%s), which the image apache/kafka gives every cluster that is"
                    + " created without CLUSTER_ID")
                .formatted(NOT_KNOWN, OF_THE_IMAGE))
        : new Same();
  }
}
