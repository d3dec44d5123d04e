package dev.sluice.tool.feed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedLog;
import dev.sluice.tool.events.FileEvent;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A feed that has a name, and a topic of one partition. */
class FeederTest {

  private static final String NAME = "100%.csv";

  private CannedBroker broker;

  @BeforeEach
  void start() throws IOException {
    broker = CannedBroker.start();
  }

  @AfterEach
  void end() throws IOException {
    broker.close();
  }

  @Test
  void anEventMayBeAsLongAsTheJobTakes() throws IOException {
    broker.topic("events", new CannedLog());
    byte[] json = "{\"a\":\"%s\"}".formatted("x".repeat(2 << 20)).getBytes(UTF_8);
    Feeder feeder = new Feeder(broker.client(), "events", NAME, false);
    feeder.run(List.of(new FileEvent(1, "r-1", "k", 1, json)).iterator(), 0, () -> false);
    assertThat(feeder.exhausted()).isTrue();
  }
}
