package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedFlink;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.services.ToolServices;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of a stop that an earlier call has begun; the job has finished with its savepoint. */
class StopCommandTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private CannedFlink flink;
  private Path savepoint = Path.of("");

  @BeforeEach
  void beginAStop() throws Exception {
    savepoint = GoldenSavepoint.copyTo(folder.resolve("savepoint"));
    Files.writeString(
        Files.createDirectory(folder.resolve("stops")).resolve(ID + ".json"),
        """
        {"version":1,"job":{"id":"%1$s","name":"flights","flinkVersion":"2.2.1","version":"1",
          "parallelism":2,"settings":{"sluice.sink.delivery-guarantee":"at-least-once"},"flink":{}},
         "triggerId":"%1$s","startedAt":"2026-11-22T12:00:00Z","savepointDirectory":null,
         "drain":false,"nativeFormat":false,"savepoint":null,"receipt":null}
        """
            .formatted(ID));
    flink =
        CannedFlink.start()
            .tell(
                "/jobs/overview",
                "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"flights\",\"state\":\"FINISHED\",\"start-time\":0}]}"
                    .formatted(ID))
            .tell(
                "/jobs/" + ID + "/savepoints/" + ID,
                "{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"location\":\"%s\"}}"
                    .formatted(savepoint.toUri()));
  }

  @AfterEach
  void endFlink() {
    flink.close();
  }

  /** As root, too, no file can lie below a file. */
  @Test
  void aReceiptThatCannotBeWrittenExitsWith5AndNamesTheSavepoint() throws Exception {
    Path file = Files.createFile(folder.resolve("file")).resolve("receipt.json");
    assertThat(stop("--receipt", file.toString())).isEqualTo(5);
    assertThat(out.toString())
        .contains("Saved in " + savepointUri())
        .contains("the receipt could not be written to " + file)
        .contains("the same command writes it again, with --receipt elsewhere");

    Path elsewhere = folder.resolve("receipt.json");
    assertThat(stop("--receipt", elsewhere.toString())).isZero();
    assertThat(elsewhere).content().contains(savepointUri());
  }

  /** As mktemp makes it. */
  @Test
  void anEmptyFileIsNobodysReceipt() throws Exception {
    Path file = Files.createFile(folder.resolve("receipt.json"));
    assertThat(stop("--receipt", file.toString())).isZero();
    assertThat(file).content().contains(savepointUri());
    Path other = Files.writeString(folder.resolve("other.json"), "{}");
    assertThat(stop("--receipt", other.toString())).isEqualTo(1);
    assertThat(other).hasContent("{}");
  }

  private String savepointUri() {
    return "file:" + savepoint;
  }

  private int stop(String... more) {
    return Sluice.commandLine(ToolServices.real())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(new StringWriter(), true))
        .execute(
            Stream.concat(
                    Stream.of(
                        "stop",
                        "flights",
                        "--rest",
                        flink.addresses().get(0).toString(),
                        "--journal",
                        folder.resolve("stops").toString()),
                    Stream.of(more))
                .toArray(String[]::new));
  }
}
