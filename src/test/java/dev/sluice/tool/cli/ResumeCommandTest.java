package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.OutputSchema;
import dev.sluice.tool.broker.Waiting;
import dev.sluice.tool.resume.DeploymentPatch;
import dev.sluice.tool.resume.Finding;
import dev.sluice.tool.resume.ResumeOutcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class ResumeCommandTest {

  private static final DeploymentPatch PATCH =
      new DeploymentPatch(
          "file:/s", 2, null, new TreeMap<>(Map.of("sluice.a", "off")), new TreeMap<>(), 1L << 40);

  private static final ResumeOutcome.Patched OUTCOME =
      new ResumeOutcome.Patched(
          new Finding("file:/s", List.of(), List.of("a note"), Waiting.NONE, 0, 0, null),
          PATCH,
          List.of("not checked: x"),
          "Nothing was submitted, as asked");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void stdoutIsThePatchAlone() throws IOException {
    show(OutputForm.Form.text);
    assertThat(out.toString()).isEqualTo(PATCH.yaml());
    assertThat(new Load(LoadSettings.builder().build()).loadFromString(out.toString()))
        .isEqualTo(new ObjectMapper().convertValue(PATCH.object(), Map.class));
    assertThat(err.toString())
        .contains("Nothing was submitted", "--patch-file", "a note", "not checked: x");
  }

  @Test
  void asJsonItIsThePatchToo() throws IOException {
    show(OutputForm.Form.json);
    JsonNode json = new ObjectMapper().readTree(out.toString());
    assertThat(json).isEqualTo(new ObjectMapper().valueToTree(PATCH.object()));
    OutputSchema.require("resume", json);
    assertThat(err.toString()).contains("not checked: x");
  }

  private void show(OutputForm.Form form) throws IOException {
    ResumeCommand command = new ResumeCommand();
    command.output.form = form;
    command.show(OUTCOME, new PrintWriter(out), new PrintWriter(err));
  }
}
