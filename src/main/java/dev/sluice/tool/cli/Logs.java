package dev.sluice.tool.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine.ParseResult;

/**
 * The part of the libraries' logs that goes to stderr. What Kafka's clients log as an error, the
 * tool says itself, with its cause: a trust store that is not there, a password that is refused. So
 * their logs are off but for errors that end one of their threads. With {@code -v} all is logged; a
 * guard runs for weeks, and every error in its libraries is in its log.
 */
final class Logs {

  private static final String PREFIX = "org.slf4j.simpleLogger.";
  private static final String KAFKA = PREFIX + "log.org.apache.kafka";

  /** Its name is that of what logs the end of a thread. */
  private static final String KAFKA_THREADS = KAFKA + ".common.utils.KafkaThread";

  /** A strong reference: the JDK forgets the level of a logger that is not referenced. */
  private static final Logger TRIBUO = Logger.getLogger("org.tribuo");

  private Logs() {}

  /** Sets the levels, before anything logs. Those that the JVM was started with stay. */
  static void set(ParseResult parsed) {
    TRIBUO.setLevel(Level.WARNING);
    levels(parsed).forEach((name, level) -> System.getProperties().putIfAbsent(name, level));
  }

  /** The properties that set the levels, for a line that was parsed. */
  static Map<String, String> levels(ParseResult parsed) {
    ParseResult verb = Sluice.verb(parsed);
    boolean verbose = verb.matchedOptionValue("--verbose", false);
    Map<String, String> levels = new LinkedHashMap<>();
    levels.put(PREFIX + "defaultLogLevel", verbose ? "info" : "error");
    if (!verbose && !(verb.commandSpec().userObject() instanceof GuardCommand)) {
      levels.put(KAFKA, "off");
      levels.put(KAFKA_THREADS, "error");
    }
    return levels;
  }
}
