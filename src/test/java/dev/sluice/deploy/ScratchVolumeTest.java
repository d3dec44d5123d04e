package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Copies of state go to a disk that holds savepoints, not to memory and not to a small volume. */
class ScratchVolumeTest {

  private static final String SCRATCH = "SLUICE_SCRATCH";
  private static final String STATE = "/var/lib/sluice";

  @Test
  void inComposeTheToolCopiesToTheVolumeOfTheState() throws IOException {
    ComposeStack stack = ComposeStack.committed();
    for (String service : List.of("guard", "resume", "tool")) {
      JsonNode tool = stack.service(service);
      assertThat(tool.at("/environment/" + SCRATCH).asText()).as(service).startsWith(STATE + "/");
      assertThat(ComposeStack.mounts(tool)).contains(new ComposeStack.Mount("state", STATE));
    }
  }

  @Test
  void inKubernetesTheGuardCopiesToTheVolumeOfTheState() {
    for (String overlay : List.of(Kustomized.DEVELOPMENT, Kustomized.PRODUCTION)) {
      JsonNode guard = Kustomized.of(overlay).guard().pod().at("/spec/containers/0");
      String scratch = "";
      for (JsonNode variable : guard.path("env")) {
        if (variable.path("name").asText().equals(SCRATCH)) {
          scratch = variable.path("value").asText();
        }
      }
      assertThat(scratch).as(overlay).startsWith(STATE + "/");
      assertThat(guard.path("volumeMounts"))
          .anySatisfy(
              mount -> {
                assertThat(mount.path("name").asText()).isEqualTo("state");
                assertThat(mount.path("mountPath").asText()).isEqualTo(STATE);
              });
    }
  }

  @Test
  void theUnitCopiesToItsStateDirectory() throws IOException {
    assertThat(Files.readString(Path.of("deploy/systemd/sluice-guard.service")))
        .contains("\nStateDirectory=sluice\n", "\nEnvironment=" + SCRATCH + "=" + STATE + "/");
  }
}
