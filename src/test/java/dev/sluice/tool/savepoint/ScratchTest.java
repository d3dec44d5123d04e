package dev.sluice.tool.savepoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where a copy of a subtask's state may be made. */
class ScratchTest {

  private static final long LARGE = 3L << 30;
  private static final Scratch UNNAMED = Scratch.of(Map.of());
  private static final Scratch NAMED = Scratch.of(Map.of("SLUICE_SCRATCH", "/scratch"));

  @Test
  void itIsTheNamedOneOrElseJavas() {
    assertThat(NAMED.directory()).isEqualTo(Path.of("/scratch"));
    assertThat(UNNAMED.directory())
        .isEqualTo(Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath());
    assertThat(Scratch.of(Map.of("SLUICE_SCRATCH", ""))).isEqualTo(UNNAMED);
  }

  @Test
  void aLargeCopyIsNotMadeInMemoryUnlessThatIsNamed() {
    for (String type : new String[] {"tmpfs", "ramfs"}) {
      assertThat(UNNAMED.obstacle(type, 2 * LARGE, LARGE))
          .hasValueSatisfying(
              why ->
                  assertThat(why)
                      .contains("3,221,225,472", type, "is memory", "SLUICE_SCRATCH", "disk"));
      assertThat(UNNAMED.obstacle(type, 2 * LARGE, Scratch.SMALL_BYTES)).isEmpty();
      assertThat(NAMED.obstacle(type, 2 * LARGE, LARGE)).isEmpty();
    }
    assertThat(UNNAMED.obstacle("ext4", 2 * LARGE, LARGE)).isEmpty();
  }

  @Test
  void withoutRoomNoneIsMade() {
    for (Scratch each : new Scratch[] {UNNAMED, NAMED}) {
      assertThat(each.obstacle("ext4", LARGE - 1, LARGE))
          .hasValueSatisfying(
              why ->
                  assertThat(why).contains("3,221,225,471", "more free space", "SLUICE_SCRATCH"));
    }
  }
}
