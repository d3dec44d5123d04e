package dev.sluice.bench.throughput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.bench.throughput.BenchOptions.FeatureKind;
import dev.sluice.bench.throughput.BenchOptions.Skew;
import dev.sluice.support.cluster.Command;
import dev.sluice.support.cluster.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchOptionsTest {

  @Test
  void withoutOptionsEveryContenderRunsThreeTimes() {
    BenchOptions options = BenchOptions.parse();
    assertThat(options.contenders()).containsExactly(Contender.values());
    assertThat(options.rounds()).isEqualTo(3);
    assertThat(options.stream())
        .isEqualTo(new BenchOptions.Stream(5_000_000, 1_000, Skew.UNIFORM, FeatureKind.FLIGHTS));
    assertThat(options.memory()).isEqualTo(new BenchOptions.Memory(2048, 512));
    assertThat(options.latency()).isFalse();
  }

  @Test
  void everyOptionIsTaken() {
    BenchOptions options =
        BenchOptions.parse(
            "--keys",
            "200_000",
            "--skew",
            "zipf",
            "--features",
            "numbers16",
            "--events",
            "4000",
            "--rounds",
            "5",
            "--contenders",
            "sluice,raw",
            "--heap",
            "8g",
            "--native",
            "256m",
            "--latency");
    assertThat(options.stream())
        .isEqualTo(new BenchOptions.Stream(4_000, 200_000, Skew.ZIPF, FeatureKind.NUMBERS16));
    assertThat(options.rounds()).isEqualTo(5);
    assertThat(options.contenders()).containsExactly(Contender.SLUICE, Contender.RAW);
    assertThat(options.memory()).isEqualTo(new BenchOptions.Memory(8192, 256));
    assertThat(options.latency()).isTrue();
  }

  @Test
  void quickIsOverriddenByWhatIsNamed() {
    BenchOptions options = BenchOptions.parse("--quick", "--rounds", "4");
    assertThat(options.contenders()).isEqualTo(Contender.few());
    assertThat(options.rounds()).isEqualTo(4);
    assertThat(options.stream().events()).isEqualTo(2_000_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--keys 0 | --keys must be 1 or more",
        "--keys many | (many)",
        "--events 1001 | --events must be an even number",
        "--rounds 0 | --rounds must be 1 to 1000",
        "--rounds | --rounds has no value",
        "--skew normal | [uniform, zipf]",
        "--features none | [flights, numbers16]",
        "--contenders raw,spark | there is no (spark)",
        "--contenders raw,raw | twice",
        "--heap 2 | --heap must look like 512m",
        "--quick --fast | (--fast)",
        "--quick --quick | (--quick)",
      })
  void aWrongOptionIsNamed(String line, String named) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BenchOptions.parse(line.split(" ", -1)))
        .withMessageContaining(named);
  }

  @Test
  void theHelpNamesEveryContenderAndOption() throws IOException {
    CommandResult help =
        Command.run(
            List.of(Path.of("deploy/local/bench").toAbsolutePath().toString(), "--help"),
            Map.of(),
            Duration.ofSeconds(30));
    assertThat(help.exitCode()).isZero();
    assertThat(help.stdout()).contains(Contender.codes());
    String parser =
        Files.readString(Path.of("src/test/java/dev/sluice/bench/throughput/BenchOptions.java"));
    Pattern.compile("\"(--[a-z]+)\"")
        .matcher(parser)
        .results()
        .map(option -> option.group(1))
        .forEach(option -> assertThat(help.stdout()).contains(option));
  }
}
