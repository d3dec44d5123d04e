package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.provider.FileConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigProvidersTest {

  private static final String ALLOWED = "org.apache.kafka.automatic.config.providers";

  @TempDir Path folder;

  @AfterEach
  void forgetTheSwitch() {
    System.clearProperty(ALLOWED);
  }

  @Test
  void settingsThatNameAProviderAreRefusedWithAWayOut() throws IOException {
    Path settings = folder.resolve("sluice.yaml");
    Files.writeString(settings, "sluice.kafka.properties.config.providers: file\n");
    StringWriter err = new StringWriter();
    int code =
        Sluice.commandLine(ToolServices.real())
            .setErr(new PrintWriter(err))
            .execute("resume", "receipt.json", "--settings", settings.toString());
    assertThat(code).isEqualTo(2);
    assertThat(err.toString())
        .contains(
            "sluice.kafka.properties.config.providers: this tool asks no config provider",
            "--settings FILE",
            "-D" + ALLOWED);
  }

  @Test
  void aFileOfKafkaPropertiesIsHeldToTheSame() throws IOException {
    Path file = folder.resolve("client.properties");
    Files.writeString(file, "config.providers=file\n");
    KafkaOptions options = new KafkaOptions();
    options.file = file;
    assertThatThrownBy(options::client).hasMessageContaining("asks no config provider");
  }

  @Test
  void kafkaItselfMakesNoneOnceTheyAreSwitchedOff() {
    Map<String, Object> client =
        Map.of(
            "bootstrap.servers", "127.0.0.1:1",
            "config.providers", "file",
            "config.providers.file.class", FileConfigProvider.class.getName(),
            "client.id", "${file:/etc/hostname:x}");
    assertThatCode(() -> new AdminClientConfig(client)).doesNotThrowAnyException();
    ConfigProviders.switchOff();
    assertThatThrownBy(() -> new AdminClientConfig(client))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(ALLOWED);
  }

  @Test
  void whoStartsTheJvmMayAllowOne() {
    System.setProperty(ALLOWED, FileConfigProvider.class.getName());
    ConfigProviders.switchOff();
    assertThatCode(() -> ConfigProviders.refuse(Set.of("config.providers")))
        .doesNotThrowAnyException();
    assertThat(System.getProperty(ALLOWED)).isEqualTo(FileConfigProvider.class.getName());
  }
}
