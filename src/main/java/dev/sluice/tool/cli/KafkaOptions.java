package dev.sluice.tool.cli;

import dev.sluice.tool.broker.LimitedClients;
import dev.sluice.tool.cli.Context.Place;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
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
      description =
          "The brokers (default: " + DEFAULT_SERVERS + " where no job publishes its own).")
  @Nullable String bootstrapServers;

  @Option(
      names = "--kafka-properties",
      paramLabel = "FILE",
      description = "More for the Kafka clients, key=value a line: SASL, SSL.")
  @Nullable Path file;

  /** What is taken where a flag is not given. */
  Chosen chosen = new Chosen();

  /** A client's properties for a verb that has no settings. */
  Properties client() throws IOException {
    return client(new Properties(), servers());
  }

  /**
   * A client's properties.
   *
   * @param settings the defaults
   * @param servers the brokers, as {@link #servers} returns them
   * @throws IOException if the file can't be read
   */
  Properties client(Properties settings, @Nullable String servers) throws IOException {
    Properties client = new Properties();
    client.putAll(settings);
    client.putAll(fromFile());
    if (servers != null) {
      client.put(SERVERS, servers);
    }
    client.putIfAbsent(SERVERS, DEFAULT_SERVERS);
    ConfigProviders.refuse(client.keySet());
    LimitedClients.limitLogin(client, ToolServices.ANSWER);
    return client;
  }

  /**
   * The brokers that go before those of a job and of a file of settings; null if nothing names any.
   */
  @Nullable String servers() {
    if (bootstrapServers != null) {
      return bootstrapServers;
    }
    Chosen.Given given = chosen.of(Place.BOOTSTRAP_SERVERS);
    return given == null ? null : given.value();
  }

  /**
   * What the file of properties holds; nothing if none is named.
   *
   * @throws UncheckedIOException if it can't be read
   */
  Properties fromFile() {
    Properties properties = new Properties();
    try {
      Chosen.Given given = chosen.of(Place.KAFKA_PROPERTIES);
      if (file != null) {
        read(file, properties);
      } else if (given != null) {
        read(Path.of(given.value()), properties);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
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
