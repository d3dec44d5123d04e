package dev.sluice.model;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sluice.event.Features;
import dev.sluice.features.FeatureEncoder;
import dev.sluice.features.SparseFeatures;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tribuo.Model;
import org.tribuo.protos.core.ModelProto;

/**
 * A frozen Tribuo model. It predicts for every key and, if it is linear, gives the challengers
 * their first weights. Confined to one thread, as Tribuo's models are; only its {@link #bytes()}
 * are ever stored or sent.
 */
public final class Champion {

  private static final SparseFeatures NOTHING = new SparseFeatures(new int[0], new double[0]);

  private final byte[] bytes;
  private final int version;
  private final String sha256;
  private final List<String> labels;
  private final boolean probabilities;
  private final Predictor predictor;
  private final FeatureEncoder encoder;

  private Champion(byte[] bytes, int version, ModelProto proto, Model<?> model, ModelSettings job) {
    this.bytes = bytes;
    this.version = version;
    this.sha256 = sha256(bytes);
    ChampionModel adopted = ChampionModel.adopt(proto, model, job);
    this.labels = adopted.labels();
    this.probabilities = model.generatesProbabilities();
    this.predictor = adopted.predictor();
    this.encoder = FeatureEncoder.championFirst(domain(), 1);
  }

  /**
   * Reads a model that Tribuo wrote as a protobuf. Before anything is deserialised the file is
   * checked to name Tribuo's own classes only.
   *
   * @param protobuf the file; copied
   * @param version what the predictions it makes are marked with
   * @param settings the job's: the model must learn the same labels, or one value
   * @throws ChampionException if the file is not such a model
   */
  public static Champion read(byte[] protobuf, int version, ModelSettings settings) {
    ModelProto proto;
    try {
      proto = ModelProto.parseFrom(protobuf);
    } catch (InvalidProtocolBufferException e) {
      throw notAModel(protobuf, rootMessage(e), e);
    }
    if (proto.getClassName().isEmpty() || !proto.hasSerializedData()) {
      throw notAModel(protobuf, "it names no model class", null);
    }
    ChampionScan.check(proto);
    try {
      return new Champion(protobuf.clone(), version, proto, Model.deserialize(proto), settings);
    } catch (ChampionException e) {
      throw e;
    } catch (RuntimeException | LinkageError e) {
      throw notAModel(protobuf, rootMessage(e), e);
    }
  }

  /** The SHA-256 of any file's bytes, 64 lower-case hexadecimal digits. */
  public static String sha256(byte[] file) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** What its predictions are marked with. */
  public int version() {
    return version;
  }

  /** The SHA-256 of {@link #bytes()}, 64 lower-case hexadecimal digits. */
  public String sha256() {
    return sha256;
  }

  /** A copy of the file that it was read from. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The labels in the order of its outputs; empty in regression. */
  public List<String> labels() {
    return labels;
  }

  /** Whether it can seed challengers. */
  public boolean linear() {
    return predictor instanceof LinearPredictor;
  }

  /** The feature names of a linear champion by id; empty for any other. */
  public List<String> domain() {
    return predictor instanceof LinearPredictor linear ? linear.domain() : List.of();
  }

  /**
   * Its outputs for an observation, in the order of {@link #labels()} or the one value; always
   * finite. An observation without a feature that it knows gets its answer to the zero vector; what
   * overflows is cut to the largest double.
   */
  public double[] predict(Features features) {
    return predict(features, linear() ? encoder.encodeKnown(features) : NOTHING);
  }

  /** The same for an observation that is encoded already, with {@link #domain()} first. */
  double[] predict(Features features, SparseFeatures encoded) {
    return predictor.predict(features, encoded);
  }

  /** Whether its outputs are probabilities; scores otherwise. */
  public boolean generatesProbabilities() {
    return probabilities;
  }

  /** A linear champion's weights, shape: [outputs][domain + 1]; must not be modified. */
  double[][] weights() {
    if (predictor instanceof LinearPredictor linear) {
      return linear.weights();
    }
    throw new IllegalStateException("champion " + version + " is not linear: it has no weights");
  }

  private static ChampionException notAModel(
      byte[] protobuf, String why, @Nullable Throwable cause) {
    String message =
        "the champion's file (%s bytes) is not a Tribuo protobuf model: %s; write one with"
                .formatted(protobuf.length, why)
            + " Model.serializeToFile of Tribuo 4.3";
    return cause == null ? new ChampionException(message) : new ChampionException(message, cause);
  }

  private static String rootMessage(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }
}
