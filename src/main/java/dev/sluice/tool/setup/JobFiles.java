package dev.sluice.tool.setup;

import dev.sluice.codec.EventDecoder;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsSource;
import dev.sluice.tool.events.BadRow;
import dev.sluice.tool.events.CsvEvents;
import dev.sluice.tool.events.CsvMapping;
import dev.sluice.tool.events.CsvTable;
import dev.sluice.tool.events.Reading;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * The directory of a new job. The settings are written last, so a directory that has them has the
 * rest, too.
 */
public final class JobFiles {

  /** The meaning of the CSV's columns, next to the settings. */
  public static final String COLUMNS = "columns.json";

  public static final String SETTINGS = "sluice.yaml";
  public static final String TOPICS = "topics.sh";
  public static final String SAMPLE = "sample.jsonl";

  private static final int SAMPLE_ROWS = 5;
  private static final List<String> ALL = List.of(SAMPLE, COLUMNS, TOPICS, SETTINGS);

  private final Path directory;

  public JobFiles(Path directory) {
    this.directory = directory;
  }

  public Path settings() {
    return directory.resolve(SETTINGS);
  }

  public Path topics() {
    return directory.resolve(TOPICS);
  }

  public List<Path> all() {
    return ALL.stream().map(directory::resolve).toList();
  }

  /**
   * Refuses to replace anything.
   *
   * @throws IOException if one of the files is there
   */
  public void requireNone() throws IOException {
    for (Path file : all()) {
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(
            "%s is there already and was left as it is; --force replaces it, --directory DIR writes elsewhere"
                .formatted(file));
      }
    }
  }

  /**
   * Writes all files; the settings are first read as the job reads them.
   *
   * @param settings the text of the file of settings
   * @param csv where the sample is from
   * @return the settings
   * @throws IOException if a file can't be written
   */
  public JobSettings write(String settings, CsvMapping mapping, Path csv, int partitions)
      throws IOException {
    Files.createDirectories(directory);
    Path part = part(SETTINGS);
    try {
      create(part, settings);
      Map<String, String> read =
          SettingsSource.read(new String[] {"--settings", part.toString()}, null);
      JobSettings job = JobSettings.of(read);
      write(SAMPLE, sample(mapping, job, csv), ofTheOwner());
      write(COLUMNS, mapping.json());
      write(TOPICS, new JobTopics(job.topics(), partitions).script(job.kafka().bootstrapServers()));
      Files.move(part, settings(), StandardCopyOption.REPLACE_EXISTING);
      return job;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private void write(String name, String text, FileAttribute<?>... attributes) throws IOException {
    Path part = part(name);
    try {
      create(part, text, attributes);
      Files.move(part, directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private Path part(String name) {
    return directory.resolve("%s.%s.part".formatted(name, UUID.randomUUID()));
  }

  /** Writes a new file; a link that somebody has placed there is not followed. */
  private static void create(Path part, String text, FileAttribute<?>... attributes)
      throws IOException {
    try (SeekableByteChannel channel =
        Files.newByteChannel(
            part, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
      ByteBuffer rest = StandardCharsets.UTF_8.encode(text);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
    }
  }

  /** The sample holds rows of the CSV, which others may not be allowed to read. */
  private FileAttribute<?>[] ofTheOwner() {
    return directory.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  /** The events of the first rows that can be used. */
  private static String sample(CsvMapping mapping, JobSettings job, Path csv) throws IOException {
    StringBuilder lines = new StringBuilder();
    List<BadRow> unused = new ArrayList<>();
    EventDecoder decoder = new EventDecoder(mapping.labels(), job.input().rules());
    try (CsvEvents events =
        new CsvEvents(
            CsvTable.open(csv, mapping.separator()),
            mapping,
            new Reading(0, SAMPLE_ROWS, Duration.ZERO, "sample-", decoder),
            unused::add)) {
      events.forEachRemaining(
          event -> lines.append(new String(event.json(), StandardCharsets.UTF_8)).append('\n'));
    }
    return lines.toString();
  }
}
