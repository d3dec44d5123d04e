package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What the alert rule over all keys finds where the alarm of each key finds next to nothing. */
class DriftOfAllKeysTest {

  private static final int SEEDS = 3;

  @Test
  void aChangeThatHardlyAnyKeyShowsIsFoundOverAllKeys() throws Exception {
    DriftBench.AllKeys changed = DriftBench.allKeys(60, 10, 300, SEEDS);
    assertThat(changed.alone()).as("share of keys found alone").isLessThan(0.01);
    assertThat(changed.delays()).as("runs found").hasSize(SEEDS).allMatch(hours -> hours <= 24);
    assertThat(changed.fresh() + changed.settled()).as("alarms before").isZero();
  }

  @Test
  void nothingIsFoundWhereNothingChanges() throws Exception {
    DriftBench.AllKeys same = DriftBench.allKeys(0, 10, 300, SEEDS);
    assertThat(same.delays()).isEmpty();
    assertThat(same.fresh() + same.settled()).isZero();
  }
}
