package dev.sluice.model;

import static dev.sluice.model.ModelFixtures.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.SimpleProvenanceProto;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tribuo.classification.liblinear.LibLinearClassificationTrainer;
import org.tribuo.classification.sgd.protos.ClassificationLinearSGDProto;
import org.tribuo.common.liblinear.protos.LibLinearModelProto;
import org.tribuo.math.protos.DenseTensorProto;
import org.tribuo.math.protos.LinearParametersProto;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.regression.liblinear.LibLinearRegressionTrainer;

/** What must not become a champion, and that nothing in a file runs before it is refused. */
class ChampionRefusalTest {

  private static final AtomicInteger RUN = new AtomicInteger();
  private static final ModelSettings LOG = settings(Objective.LOG);

  /** Counts its initialisations. */
  static final class Initialised {
    static {
      RUN.incrementAndGet();
    }

    private Initialised() {}
  }

  /** Counts its deserialisations. */
  static final class Deserialised implements Serializable {
    private static final long serialVersionUID = 1L;

    private void readObject(ObjectInputStream in) throws IOException {
      RUN.incrementAndGet();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "not a model", "{\"type\":\"observation\"}"})
  void otherFilesAreRefused(String file) {
    assertRefused(file.getBytes(StandardCharsets.UTF_8), "not a Tribuo protobuf model");
  }

  @Test
  void everyTruncationIsRefused() {
    byte[] file = ModelFixtures.linearChampion(Objective.LOG);
    for (int length = 0; length < file.length; length += 37) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThatThrownBy(() -> Champion.read(cut, 1, LOG)).isInstanceOf(ChampionException.class);
    }
  }

  @Test
  void corruptFilesAreReadOrRefusedButNothingElseHappens() {
    byte[] file = ModelFixtures.linearChampion(Objective.LOG);
    Random random = new Random(5);
    int refused = 0;
    for (int i = 0; i < 400; i++) {
      byte[] corrupt = file.clone();
      corrupt[random.nextInt(corrupt.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        Champion champion = Champion.read(corrupt, 1, LOG);
        assertThat(Arrays.stream(champion.predict(ModelFixtures.features(Map.of("wind", 2.0)))))
            .allMatch(Double::isFinite);
      } catch (ChampionException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(40);
  }

  @Test
  void classOutsideTribuoIsNeverLoaded() throws Exception {
    int before = RUN.get();
    ModelProto proto = ModelProto.parseFrom(ModelFixtures.linearChampion(Objective.LOG));
    String foreign = Initialised.class.getName();
    assertRefused(
        proto.toBuilder().setClassName(foreign).build().toByteArray(),
        "names the class (" + foreign + "), which is not allowed");
    assertThat(RUN.get()).isEqualTo(before);
  }

  @Test
  void classOutsideTribuoDeepInsideIsNeverLoaded() throws Exception {
    int before = RUN.get();
    String foreign = Initialised.class.getName();
    ClassificationLinearSGDProto.Builder linear = linear();
    linear.getNormalizerBuilder().setClassName(foreign);
    assertRefused(withData(linear.build()), "(" + foreign + "), which is not allowed");

    ClassificationLinearSGDProto.Builder tensor = linear();
    LinearParametersProto.Builder parameters =
        tensor.getParams().getSerializedData().unpack(LinearParametersProto.class).toBuilder();
    parameters.getWeightMatrixBuilder().setClassName(foreign);
    tensor.getParamsBuilder().setSerializedData(Any.pack(parameters.build()));
    assertRefused(withData(tensor.build()), "(" + foreign + "), which is not allowed");
    assertThat(RUN.get()).isEqualTo(before);
  }

  @Test
  void enumOutsideTribuoInTheProvenanceIsNeverLoaded() throws Exception {
    int before = RUN.get();
    SimpleProvenanceProto provenance =
        SimpleProvenanceProto.newBuilder()
            .setKey("k")
            .setValue("V")
            .setProvenanceClassName(
                "com.oracle.labs.mlrg.olcut.provenance.primitives.EnumProvenance")
            .setAdditional(Initialised.class.getName())
            .build();
    assertThatThrownBy(() -> ChampionScan.check(provenance))
        .isInstanceOf(ChampionException.class)
        .hasMessageContaining("not allowed");
    SimpleProvenanceProto text =
        provenance.toBuilder()
            .setProvenanceClassName(
                "com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance")
            .build();
    ChampionScan.check(text);
    assertThat(RUN.get()).isEqualTo(before);
  }

  @Test
  void javaObjectsInsideALibLinearModelAreNeverDeserialised() throws Exception {
    byte[] file =
        ChampionTrainer.toBytes(
            new LibLinearClassificationTrainer().train(ChampionTest.labelled()));
    ModelProto proto = ModelProto.parseFrom(file);
    LibLinearModelProto liblinear = proto.getSerializedData().unpack(LibLinearModelProto.class);
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(stream)) {
      out.writeObject(new Deserialised());
    }
    Message evil =
        liblinear.toBuilder().setModels(0, ByteString.copyFrom(stream.toByteArray())).build();
    int before = RUN.get();
    assertRefused(
        proto.toBuilder().setSerializedData(Any.pack(evil)).build().toByteArray(),
        "holds Java objects other than a LibLinear model's");
    assertThat(RUN.get()).isEqualTo(before);
  }

  @Test
  void messageTypeOutsideTribuoIsRefused() throws Exception {
    assertRefused(
        ModelProto.parseFrom(ModelFixtures.linearChampion(Objective.LOG)).toBuilder()
            .setSerializedData(
                Any.newBuilder().setTypeUrl("type.googleapis.com/google.protobuf.Struct"))
            .build()
            .toByteArray(),
        "message of the type (google.protobuf.Struct)");
  }

  @Test
  void absentClassIsNamed() throws Exception {
    ModelProto proto = ModelProto.parseFrom(ModelFixtures.linearChampion(Objective.LOG));
    assertRefused(
        proto.toBuilder().setClassName("org.tribuo.deep.DeepModel").build().toByteArray(),
        "needs the class (org.tribuo.deep.DeepModel), which is not on the class path");
  }

  @Test
  void tribuoClassThatIsNoModelIsRefused() throws Exception {
    ModelProto proto = ModelProto.parseFrom(ModelFixtures.linearChampion(Objective.LOG));
    assertRefused(
        proto.toBuilder().setClassName("org.tribuo.Tribuo").build().toByteArray(),
        "not a Tribuo protobuf model");
  }

  @Test
  void championMustLearnWhatTheJobLearns() {
    assertThatThrownBy(
            () ->
                Champion.read(
                    ModelFixtures.linearChampion(Objective.SQUARED), 1, settings(Objective.LOG)))
        .isInstanceOf(ChampionException.class)
        .hasMessage(
            "the champion is a model of Regressor, but the job's objective (log) learns labels:"
                + " give a Tribuo Model<Label>");
    assertThatThrownBy(
            () ->
                Champion.read(
                    ModelFixtures.linearChampion(Objective.LOG), 1, settings(Objective.HUBER)))
        .isInstanceOf(ChampionException.class)
        .hasMessageContaining("Model<Regressor>");
  }

  @Test
  void championsLabelsMustBeTheJobs() {
    ModelSettings others =
        new ModelSettings(
            Objective.LOG,
            1,
            Optimiser.SGD,
            ModelSettings.Rates.defaults(),
            List.of("ontime", "late"),
            4,
            ModelSettings.Serving.defaults());
    assertThatThrownBy(() -> Champion.read(ModelFixtures.linearChampion(Objective.LOG), 1, others))
        .isInstanceOf(ChampionException.class)
        .hasMessageContaining("cancelled")
        .hasMessageContaining("differ from the job's labels [ontime, late]");
  }

  @Test
  void severalValuesAtOnceAreRefused() {
    byte[] file =
        ChampionTrainer.toBytes(
            new LibLinearRegressionTrainer().train(ChampionTest.valued("a", "b")));
    assertThatThrownBy(() -> Champion.read(file, 1, settings(Objective.SQUARED)))
        .isInstanceOf(ChampionException.class)
        .hasMessageContaining("predicts (2) values at once");
  }

  @Test
  void weightsThatAreNoNumbersAreRefused() throws Exception {
    ClassificationLinearSGDProto.Builder linear = linear();
    LinearParametersProto.Builder parameters =
        linear.getParams().getSerializedData().unpack(LinearParametersProto.class).toBuilder();
    DenseTensorProto tensor =
        parameters.getWeightMatrix().getSerializedData().unpack(DenseTensorProto.class);
    byte[] values = tensor.getValues().toByteArray();
    Arrays.fill(values, 0, 8, (byte) 0xFF);
    parameters
        .getWeightMatrixBuilder()
        .setSerializedData(
            Any.pack(tensor.toBuilder().setValues(ByteString.copyFrom(values)).build()));
    linear.getParamsBuilder().setSerializedData(Any.pack(parameters.build()));
    assertRefused(withData(linear.build()), "the champion's weights hold (NaN)");
  }

  private static ClassificationLinearSGDProto.Builder linear() throws Exception {
    return ModelProto.parseFrom(ModelFixtures.linearChampion(Objective.LOG))
        .getSerializedData()
        .unpack(ClassificationLinearSGDProto.class)
        .toBuilder();
  }

  private static byte[] withData(Message data) throws Exception {
    return ModelProto.parseFrom(ModelFixtures.linearChampion(Objective.LOG)).toBuilder()
        .setSerializedData(Any.pack(data))
        .build()
        .toByteArray();
  }

  private static void assertRefused(byte[] file, String message) {
    assertThatThrownBy(() -> Champion.read(file, 1, LOG))
        .isInstanceOf(ChampionException.class)
        .hasMessageContaining(message);
  }
}
