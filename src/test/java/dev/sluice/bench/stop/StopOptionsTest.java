package dev.sluice.bench.stop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.support.cluster.Command;
import dev.sluice.support.cluster.CommandResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StopOptionsTest {

  @Test
  void withoutOptionsFourNumbersOfKeysAreMeasured() {
    StopOptions options = StopOptions.parse();
    assertThat(options.keys()).containsExactly(10_000, 100_000, 1_000_000, 3_000_000);
    assertThat(options.perSecond()).isEqualTo(1_000);
    assertThat(options.rounds(1_000_000)).isEqualTo(3);
    assertThat(options.rounds(3_000_000)).isEqualTo(1);
  }

  @Test
  void everyOptionIsTaken() {
    assertThat(
            StopOptions.parse(
                "--keys", "1_000,5000", "--rounds", "1", "--rate", "200", "--only", "sluice"))
        .isEqualTo(new StopOptions(List.of(1_000, 5_000), 1, 200, StopOptions.Only.SLUICE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--keys 999 | --keys must ascend",
        "--keys 5000,5000 | [5000, 5000]",
        "--keys 1000, | ()",
        "--keys 200000000 | 100,000,000",
        "--rounds 0 | --rounds must be 1 to 100",
        "--rate 99 | --rate must be 100",
        "--rate | (--rate)",
        "--only flink | (flink)",
        "--heap 2g | (--heap)",
      })
  void aWrongOptionIsNamed(String line, String named) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StopOptions.parse(line.split(" ", -1)))
        .withMessageContaining(named);
  }

  @Test
  void theHelpNamesEveryOption() {
    CommandResult help =
        Command.run(
            List.of(Path.of("deploy/local/bench").toAbsolutePath().toString(), "--help"),
            Map.of(),
            Duration.ofSeconds(30));
    assertThat(help.exitCode()).isZero();
    assertThat(help.stdout())
        .contains("bench --stop [--keys N,N,…] [--rounds N] [--rate N] [--only sluice|streams]");
  }
}
