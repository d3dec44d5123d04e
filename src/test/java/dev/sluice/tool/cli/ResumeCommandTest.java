package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.OutputSchema;
import dev.sluice.tool.resume.PatchFixture;
import dev.sluice.tool.resume.ResumeOutcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class ResumeCommandTest {

  private static final ResumeOutcome.Patched OUTCOME =
      PatchFixture.patch("file:/s", Map.of("sluice.a", "off"), Map.of(), 1L << 40);

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void stdoutIsThePatchAlone() throws IOException {
    show(OutputForm.Form.text);
    assertThat(out.toString()).isEqualTo(OUTCOME.yaml());
    assertThat(new Load(LoadSettings.builder().build()).loadFromString(out.toString()))
        .isEqualTo(new ObjectMapper().convertValue(OUTCOME.patch(), Map.class));
    assertThat(err.toString())
        .contains("Nothing was submitted", "--patch-file", "a note", "not checked: x");
  }

  @Test
  void asJsonItIsThePatchToo() throws IOException {
    show(OutputForm.Form.json);
    JsonNode json = new ObjectMapper().readTree(out.toString());
    assertThat(json).isEqualTo(new ObjectMapper().valueToTree(OUTCOME.patch()));
    OutputSchema.require("resume", json);
    assertThat(err.toString()).contains("not checked: x");
  }

  private void show(OutputForm.Form form) throws IOException {
    ResumeCommand command = new ResumeCommand();
    command.output.form = form;
    command.show(OUTCOME, new PrintWriter(out), new PrintWriter(err));
  }
}
