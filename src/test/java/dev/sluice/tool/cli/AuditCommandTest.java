package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** When the settings of the command line and its file count as the job's. */
class AuditCommandTest {

  @Test
  void aFileOfPasswordsDoesNotTellTheJob() {
    assertThat(AuditCommand.tellOfTheJob(Set.of())).isFalse();
    assertThat(
            AuditCommand.tellOfTheJob(
                Set.of(
                    "sluice.kafka.bootstrap-servers", "sluice.kafka.properties.sasl.jaas.config")))
        .isFalse();
    assertThat(
            AuditCommand.tellOfTheJob(
                Set.of("sluice.kafka.bootstrap-servers", "sluice.topics.events")))
        .isTrue();
  }
}
