package dev.sluice.tool.broker;

import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/** Why the brokers did not answer, and what to do about it. */
public final class BrokerException extends IOException {

  private static final long serialVersionUID = 1L;

  /** Of the parser's messages; "JAAS config property contains 2 login modules" quotes nothing. */
  private static final Pattern OF_THE_PARSER = Pattern.compile("JAAS config(?!uration| property)");

  private static final String UNPARSABLE =
      "sasl.jaas.config can't be parsed: each value must be in double quotes, and a semicolon at the end";

  /** Null for no answer in time. */
  private final @Nullable Throwable reason;

  /** Whether the brokers' port speaks another protocol than the client, so that none can come. */
  private final boolean otherProtocol;

  BrokerException(String servers, String what, Duration patience, @Nullable Throwable reason) {
    super(
        coded(
            "the brokers at %s can't be asked %s: %s; %s"
                .formatted(servers, what, text(patience, reason), wayOut(reason)),
            reason),
        reason);
    this.reason = reason;
    this.otherProtocol = false;
  }

  /**
   * For a client that uses another protocol than the brokers' port.
   *
   * @param why and what to do
   */
  BrokerException(String servers, String what, String why) {
    super(
        RefusalCode.BROKERS.in(
            "the brokers at %s can't be asked %s: %s".formatted(servers, what, why)));
    this.reason = null;
    this.otherProtocol = true;
  }

  /**
   * For a client that could not be created because none of the brokers' names can be resolved now:
   * that is silence, as the name servers may answer in a moment.
   *
   * @param what can't be done, as in "topic a at b:9092 can't be read"
   * @return empty if something else is wrong
   */
  public static Optional<IOException> unresolved(String what, KafkaException e) {
    if (!BrokerClient.isUnresolved(e)) {
      return Optional.empty();
    }
    Throwable reason = new BrokerClient.UnresolvedException(e);
    return Optional.of(
        new IOException("%s: %s; %s".formatted(what, said(reason), wayOut(reason)), reason));
  }

  @Nullable Throwable reason() {
    return reason;
  }

  /** Whether there was no answer, so that the same question may be answered in a moment. */
  public boolean isSilence() {
    return !otherProtocol
        && (reason == null
            || (reason instanceof RetriableException
                && !(reason instanceof UnknownTopicOrPartitionException)));
  }

  /** Whether the same request fails again until something is changed. */
  boolean lasts() {
    return otherProtocol || lasts(reason);
  }

  private static boolean lasts(@Nullable Throwable reason) {
    return reason instanceof AuthorizationException
        || reason instanceof AuthenticationException
        || reason instanceof UnsupportedVersionException;
  }

  private static String coded(String message, @Nullable Throwable reason) {
    return lasts(reason) ? RefusalCode.BROKERS.in(message) : message;
  }

  /** What Kafka says, without what futures put around it; a timeout, if that is behind it. */
  static Throwable unwrap(Throwable thrown) {
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      if (at instanceof TimeoutException) {
        return at;
      }
    }
    Throwable at = thrown;
    while (at.getCause() != null
        && (at instanceof ExecutionException || at instanceof CompletionException)) {
      at = at.getCause();
    }
    return at;
  }

  /**
   * What was thrown and each of its causes say, as of a key store whose password is wrong: Kafka
   * says "Failed to create new KafkaAdminClient" and puts the reason behind.
   */
  public static String chain(Throwable thrown) {
    Set<String> said = new LinkedHashSet<>();
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      said.add(said(at));
    }
    return String.join(": ", said);
  }

  /** A file system says the file's name alone. */
  private static String said(Throwable thrown) {
    String message = quotesLogin(thrown) ? UNPARSABLE : thrown.getMessage();
    if (message == null || message.isEmpty()) {
      return thrown.getClass().getSimpleName();
    }
    return thrown instanceof NoSuchFileException ? "there is no file " + message : message;
  }

  /** Whether what was thrown, or a cause of it, may hold a piece of a password. */
  public static boolean showsLogin(Throwable thrown) {
    boolean shows = false;
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      shows |= quotesLogin(at);
    }
    return shows;
  }

  /** Kafka's parser quotes what it does not understand. */
  private static boolean quotesLogin(Throwable thrown) {
    return OF_THE_PARSER.matcher(String.valueOf(thrown.getMessage())).find();
  }

  private static String text(Duration patience, @Nullable Throwable reason) {
    if (reason == null || reason instanceof TimeoutException) {
      return "there was no answer within %s s".formatted(patience.toMillis() / 1000.0);
    }
    return reason instanceof AuthenticationException ? chain(reason) : said(reason);
  }

  private static String wayOut(@Nullable Throwable reason) {
    if (reason == null || reason instanceof TimeoutException) {
      return "check that they run there, and that the client's security properties fit their listeners";
    } else if (reason instanceof BrokerClient.UnresolvedException) {
      return "check the names, and that this machine's name servers answer";
    } else if (reason instanceof TransactionalIdAuthorizationException) {
      return "give this client's user the operation Describe on the transactional ids that begin so, or Write if "
          + "it is to abort one: 'kafka-acls.sh --add --operation Describe --transactional-id PREFIX "
          + "--resource-pattern-type prefixed'";
    } else if (reason instanceof TopicAuthorizationException topics
        && !topics.unauthorizedTopics().isEmpty()) {
      return ("give this client's user the right to %s (deploy/secured-kafka.md lists which each command needs, as "
              + "commands)")
          .formatted(new TreeSet<>(topics.unauthorizedTopics()));
    } else if (reason instanceof AuthorizationException) {
      return "give this client's user the right to it (deploy/secured-kafka.md lists what each command needs)";
    } else if (reason instanceof SslAuthenticationException) {
      return "check the client's ssl.* properties: the store that ssl.truststore.location names must trust the "
          + "brokers' certificates";
    } else if (reason instanceof AuthenticationException) {
      return "check the client's credentials and security properties: sluice.kafka.properties.* in the file of "
          + "--settings, or the file of --kafka-properties, named by the flag, by SLUICE_SETTINGS or "
          + "SLUICE_KAFKA_PROPERTIES, or by a context, else the sluice.yaml of FLINK_CONF_DIR";
    } else if (reason instanceof UnknownTopicOrPartitionException) {
      return "create the topic, or name the topics that the job uses";
    } else if (reason instanceof UnsupportedVersionException) {
      return "the brokers are too old for this question: Apache Kafka 3.0 is the oldest that can answer it";
    }
    return "try again, and read the brokers' logs if it stays so";
  }
}
