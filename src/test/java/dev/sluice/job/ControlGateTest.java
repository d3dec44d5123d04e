package dev.sluice.job;

import static dev.sluice.job.ControlHarness.SETTINGS;
import static dev.sluice.job.ControlHarness.champion;
import static dev.sluice.job.ControlHarness.refusalOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.codec.CommandDecoder;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.model.Champion;
import dev.sluice.model.ModelSettings;
import dev.sluice.settings.JobSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.protos.core.ModelProto;

class ControlGateTest {

  private static final ModelSettings MODEL = JobSettings.of(SETTINGS).model();

  @TempDir private Path directory;
  private final ControlGate gate = new ControlGate(MODEL, new ModelStore(""));

  @Test
  void aGoodModelGoesOnAsBytes() throws IOException {
    byte[] model = champion(2);
    ControlRecord passed = gate.map(promote(file(model), Champion.sha256(model)));

    assertThat(model(passed)).isEqualTo(model);
  }

  @Test
  void aReplayTakesTheModelThatWasKept() throws IOException {
    byte[] model = champion(2);
    String file = file(model);
    ControlRecord promotion = promote(file, Champion.sha256(model));
    Path kept = directory.resolve("store").resolve(Champion.sha256(model) + ".tribuo");
    ControlGate keeping = new ControlGate(MODEL, new ModelStore(kept.getParent() + ""));
    assertThat(refusalOf(keeping.again(promotion, false))).contains("it was not kept");
    assertThat(model(keeping.again(promotion, true))).isEqualTo(model);
    assertThat(kept).exists();
    Files.delete(Path.of(URI.create(file)));

    assertThat(refusalOf(keeping.map(promotion))).contains("there is no such file");
    assertThat(model(keeping.again(promotion, false))).isEqualTo(model);
    Files.write(kept, new byte[] {1});
    assertThat(refusalOf(keeping.again(promotion, true))).contains("there is no such file");
    assertThat(keeping.again(record("{"), true)).isEqualTo(record("{"));
  }

  @Test
  void whatCannotBeKeptIsRefused() throws IOException {
    Path taken = Files.write(directory.resolve("taken"), new byte[] {1});
    ControlGate keeping = new ControlGate(MODEL, new ModelStore(taken + "/below"));
    byte[] model = champion(2);

    assertThat(refusalOf(keeping.map(promote(file(model), Champion.sha256(model)))))
        .contains("it can't be kept in");
  }

  @Test
  void otherCommandsAndNonsensePassAsTheyAre() {
    ControlRecord pause = record("{\"id\":\"1\",\"command\":\"pause\",\"part\":\"all\"}");
    ControlRecord nonsense = record("{");

    assertThat(gate.map(pause)).isSameAs(pause);
    assertThat(gate.map(nonsense)).isSameAs(nonsense);
  }

  @Test
  void anotherFileThanWasMeantIsRefused() throws IOException {
    assertThat(refusal(file(champion(2)), Champion.sha256(champion(3))))
        .contains("it is another file, or was changed");
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    assertThat(refusal(directory.resolve("none").toUri().toString(), "0".repeat(64)))
        .contains("there is no such file where the TaskManagers run");
    assertThat(refusal(directory.toUri().toString(), "0".repeat(64))).contains("directory");
    assertThat(refusal("models/delay.tribuo", "0".repeat(64))).contains("file:///");
    assertThat(refusal("nonsense://host/m", "0".repeat(64))).contains("it can't be read");
    assertThat(refusal("file:x:/y", "0".repeat(64))).contains("no path behind its scheme");
  }

  @Test
  void aDeviceThatNeverEndsIsNotRead() {
    assertThat(refusal("file:///dev/zero", "0".repeat(64))).contains("it is empty");
  }

  @Test
  void aHugeFileIsNotRead() throws IOException {
    Path huge = directory.resolve("huge");
    try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength(ModelFile.MAX_SIZE + 1);
    }

    assertThat(refusal(huge.toUri().toString(), "0".repeat(64)))
        .contains("268435457 bytes long, at most 268435456 are taken");
  }

  @Test
  void aSerializedObjectOfAnotherClassIsNeverMade() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new ArrayList<>(List.of("x")));
    }
    byte[] object = bytes.toByteArray();
    assertThat(refusal(file(object), Champion.sha256(object)))
        .contains("not a Tribuo protobuf model");

    byte[] disguised =
        ModelProto.parseFrom(champion(2)).toBuilder()
            .setClassName("javax.swing.JEditorPane")
            .build()
            .toByteArray();
    assertThat(refusal(file(disguised), Champion.sha256(disguised)))
        .contains("javax.swing.JEditorPane");
  }

  @Test
  void aModelOfOtherLabelsIsRefused() throws IOException {
    Map<String, String> others = new HashMap<>(SETTINGS);
    others.put("sluice.model.labels", "good,bad");
    byte[] model = champion(2, "x", others);

    assertThat(refusal(file(model), Champion.sha256(model))).contains("labels").contains("good");
  }

  private String refusal(String uri, String sha256) {
    String refusal = refusalOf(gate.map(promote(uri, sha256)));
    assertThat(refusal).startsWith("the model (" + uri + ") is refused: ");
    return refusal;
  }

  private static byte[] model(ControlRecord record) {
    assertThat(record).isInstanceOf(ControlRecord.WithModel.class);
    return ((ControlRecord.WithModel) record).model();
  }

  private String file(byte[] bytes) throws IOException {
    return Files.write(Files.createTempFile(directory, "model", ".tribuo"), bytes)
        .toUri()
        .toString();
  }

  private static ControlRecord promote(String uri, String sha256) {
    return record(
        """
        {"id":"1","command":"promote","uri":"%s","sha256":"%s","version":2}"""
            .formatted(uri, sha256));
  }

  private static ControlRecord record(String json) {
    Origin origin = new Origin("sluice.control", 0, 0);
    return CommandDecoder.record(new RawRecord(origin, 0, null, json.getBytes(UTF_8)));
  }
}
