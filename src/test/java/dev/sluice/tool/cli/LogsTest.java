package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.services.ToolServices;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogsTest {

  private static final String DEFAULT = "org.slf4j.simpleLogger.defaultLogLevel";
  private static final String KAFKA = "org.slf4j.simpleLogger.log.org.apache.kafka";

  /** A name of a job, and a directory, may be -v as well. */
  @ParameterizedTest
  @CsvSource({
    "score, error, off",
    "score -v, info, ",
    "score --verbose, info, ",
    "context list -v, info, ",
    "stop sluice --sluice.job.name -v, error, off",
    "stop -- -v, error, off",
    "guard sluice, error, ",
    "guard sluice -v, info, ",
    "stop guard, error, off",
  })
  void whatIsLoggedIsWhatTheParsedLineSays(String line, String level, String kafka) {
    Map<String, String> levels =
        Logs.levels(Sluice.commandLine(ToolServices.real()).parseArgs(line.split(" ")));
    assertThat(levels.get(DEFAULT)).isEqualTo(level);
    assertThat(levels.get(KAFKA)).isEqualTo(kafka);
  }

  /** As of memory that is used up; nothing else reports it. */
  @Test
  void theEndOfAThreadOfKafkasIsLogged() {
    assertThat(Logs.levels(Sluice.commandLine(ToolServices.real()).parseArgs("score")))
        .containsEntry(KAFKA + ".common.utils.KafkaThread", "error");
  }
}
