package dev.sluice.job;

import dev.sluice.model.Champion;
import dev.sluice.model.ChampionException;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import dev.sluice.settings.SluiceOptions;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The champion's file, read and checked before the job starts. */
final class FirstChampion {

  private static final Logger LOG = LoggerFactory.getLogger(FirstChampion.class);

  private FirstChampion() {}

  /**
   * Reads the champion that the settings name.
   *
   * @param restoring whether the job starts from a savepoint, which brings its own champion: the
   *     file is then not needed and may be deleted
   * @param limits of the tasks that will hold it
   * @return the file's bytes, null if there is no champion to be read
   * @throws SettingsException if the file can't be read or its model does not fit the job
   */
  static byte @Nullable [] read(
      JobSettings settings, boolean restoring, Collection<ModelLimit> limits) {
    String uri = settings.models().championUri();
    if (uri == null) {
      return null;
    }
    if (restoring) {
      LOG.info("The savepoint brings the champion; {} is not read", uri);
      return null;
    }
    byte[] bytes = bytes(uri, limits);
    try {
      Champion champion =
          Champion.read(bytes, settings.models().championVersion(), settings.model());
      LOG.info(
          "Champion version {} from {}, sha256 {}", champion.version(), uri, champion.sha256());
    } catch (ChampionException e) {
      throw refuse(
          uri, e.getMessage() + "; name a model made by 'sluice train' or by Tribuo for this job");
    }
    return bytes;
  }

  private static byte[] bytes(String uri, Collection<ModelLimit> limits) {
    try {
      return ModelFile.read(uri, limits);
    } catch (FileNotFoundException e) {
      throw refuse(
          uri, "there is no such file; make one with 'sluice train', or unset it to start cold");
    } catch (ChampionException e) {
      throw refuse(uri, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw refuse(uri, "it can't be read: " + e.getMessage());
    }
  }

  private static SettingsException refuse(String uri, String why) {
    return new SettingsException(
        "%s = (%s): %s".formatted(SluiceOptions.CHAMPION_URI.key(), uri, why));
  }

  /**
   * A champion as stored in operator state: its version (int, big-endian), then the file's bytes.
   */
  static byte[] pack(Champion champion) {
    byte[] model = champion.bytes();
    return ByteBuffer.allocate(Integer.BYTES + model.length)
        .putInt(champion.version())
        .put(model)
        .array();
  }

  /** Reads what {@link #pack} wrote. */
  static Champion unpack(byte[] packed, JobSettings settings) {
    ByteBuffer buffer = ByteBuffer.wrap(packed);
    int version = buffer.getInt();
    byte[] model = new byte[buffer.remaining()];
    buffer.get(model);
    return Champion.read(model, version, settings.model());
  }
}
