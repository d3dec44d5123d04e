package dev.sluice.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to reach Kafka, the same on every verb that does. */
final class KafkaOptions {

  private static final String SERVERS = "bootstrap.servers";
  private static final String DEFAULT_SERVERS = "127.0.0.1:9092";

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT",
      description = "The brokers (default: " + DEFAULT_SERVERS + ").")
  @Nullable String bootstrapServers;

  @Option(
      names = "--kafka-properties",
      paramLabel = "FILE",
      description = "More for the Kafka clients, key=value a line: SASL, SSL.")
  @Nullable Path file;

  /** A client's properties. */
  Properties client() throws IOException {
    return client(new Properties());
  }

  /**
   * A client's properties.
   *
   * @param settings what holds if the flags say nothing else
   * @throws IOException if the file can't be read
   */
  Properties client(Properties settings) throws IOException {
    Properties client = new Properties();
    client.putAll(settings);
    if (file != null) {
      read(file, client);
    }
    if (bootstrapServers != null) {
      client.put(SERVERS, bootstrapServers);
    }
    client.putIfAbsent(SERVERS, DEFAULT_SERVERS);
    ConfigProviders.refuse(client.keySet());
    return client;
  }

  private static void read(Path file, Properties into) throws IOException {
    try (Reader reader = Files.newBufferedReader(file)) {
      into.load(reader);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no file %s of Kafka properties".formatted(file), e);
    } catch (IllegalArgumentException e) {
      // Its message may show what the file holds.
      throw new IOException("%s is no file of properties, key=value a line".formatted(file), e);
    }
  }
}
