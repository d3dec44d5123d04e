package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedFlink;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A healthy job that writes at least once, at a JobManager with Flink's answers, and a savepoint
 * that is whole: nothing of a stop but the brokers' answer is missing.
 */
final class StopWorld implements AutoCloseable {

  /** Where no Flink answers. */
  static final List<URI> NOWHERE = List.of(URI.create("http://127.0.0.1:1"));

  static final String ID = "0123456789abcdef0123456789abcdef";
  static final String JOB = "/jobs/" + ID;
  static final String TRIGGER = "fedcba9876543210fedcba9876543210";
  static final Instant STARTED = Instant.parse("2026-11-01T12:00:00Z");
  private static final Pattern ASKED = Pattern.compile("\"triggerId\":\"([0-9a-f]{32})\"");

  final CannedFlink flink;
  final Path stops;
  final String savepoint;

  /** Trigger ids of the stops that Flink was asked for. */
  final List<String> triggers = new CopyOnWriteArrayList<>();

  /** What the stops reported. */
  final List<StopEvent> reported = new CopyOnWriteArrayList<>();

  /** How each of them goes that Flink is asked for, the last one for all that follow. */
  private final List<String> ways = new ArrayList<>();

  Duration grace = Duration.ofSeconds(5);
  OnTimeout onTimeout = OnTimeout.FAIL;
  Duration patience = Duration.ofSeconds(5);
  boolean drain;
  @Nullable String directory;
  ReceiptKeys keys = ReceiptKeys.NONE;

  /** Settings that the operator gives. */
  Map<String, String> own = Map.of();

  /** Of the journal's entries. */
  String guarantee = "at-least-once";

  /** More settings of theirs, as fields of JSON; the first names the brokers. */
  String settings = "\"sluice.kafka.bootstrap-servers\":\"no-port\"";

  @Nullable Boolean highAvailability;

  private StopWorld(CannedFlink flink, Path stops, String savepoint) {
    this.flink = flink;
    this.stops = stops;
    this.savepoint = savepoint;
  }

  static StopWorld in(Path folder) throws IOException {
    StopWorld world =
        new StopWorld(
            CannedFlink.start(),
            Files.createDirectory(folder.resolve("stops")),
            GoldenSavepoint.copyTo(folder.resolve("savepoint")).toUri().toString());
    world.state("RUNNING");
    world
        .flink
        .tell("/config", "{\"flink-version\":\"2.2.1\"}")
        .tell(
            JOB + "/checkpoints/config",
            """
            {"interval":60000,"timeout":600000,
             "externalization":{"enabled":true,"delete_on_cancellation":false}}
            """)
        .tell(JOB + "/exceptions", "{\"exceptionHistory\":{\"entries\":[]}}")
        .tell(JOB + "/stop", "{}")
        .when("POST " + JOB + "/stop", world::asked);
    world.brokers("no-port");
    world.checkpoints("");
    return world;
  }

  /** The brokers that the job names. */
  void brokers(String servers) {
    flink.tell(
        JOB + "/config",
        """
        {"execution-config":{"user-config":{"sluice-version":"1","sluice.job.name":"flights",
          "sluice.kafka.bootstrap-servers":"%s",
          "sluice.sink.delivery-guarantee":"at-least-once"}}}
        """
            .formatted(servers));
  }

  /** What the job's stops come to, one after another. */
  void goes(String... statuses) {
    ways.addAll(List.of(statuses));
  }

  String saved() {
    return "{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"location\":\"%s\"}}"
        .formatted(savepoint);
  }

  static String running() {
    return "{\"status\":{\"id\":\"IN_PROGRESS\"}}";
  }

  static String failed(String why) {
    return "{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"failure-cause\":{\"stack-trace\":\"%s\"}}}"
        .formatted(why);
  }

  private void asked(String body) {
    Matcher id = ASKED.matcher(body);
    assertThat(id.find()).as(body).isTrue();
    String way = ways.size() > 1 ? ways.remove(0) : ways.get(0);
    if (!triggers.contains(id.group(1))) {
      triggers.add(id.group(1));
      status(id.group(1), way);
    }
    if (way.contains("location")) {
      state("FINISHED");
    }
  }

  /** How a stop goes that Flink knows. */
  void status(String trigger, String way) {
    flink.tell(JOB + "/savepoints/" + trigger, way);
  }

  void state(String state) {
    job(state, STARTED);
  }

  void job(String state, Instant startedAt) {
    flink
        .tell(
            "/jobs/overview",
            "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"flights\",\"state\":\"%s\",\"start-time\":%s}]}"
                .formatted(ID, state, startedAt.toEpochMilli()))
        .tell(JOB + "/status", "{\"status\":\"%s\"}".formatted(state))
        .tell(
            JOB,
            """
            {"jid":"%s","name":"flights","state":"%s","now":%s,"vertices":[
              {"id":"a1","name":"Source: events","parallelism":2,"status":"%s",
               "metrics":{"read-records":0}}]}
            """
                .formatted(ID, state, Instant.now().toEpochMilli(), state));
  }

  /** The job's last checkpoint is recent; and these are its savepoints. */
  void checkpoints(String savepoints) {
    flink.tell(
        JOB + "/checkpoints",
        """
        {"latest":{"completed":{"id":6,"status":"COMPLETED","is_savepoint":false,
           "latest_ack_timestamp":%s,"external_path":"file:/c/chk-6"}},"history":[%s]}
        """
            .formatted(Instant.now().toEpochMilli(), savepoints));
  }

  /** A journal's entry as it was written before runs were distinguished. */
  void journalV1(String begun, @Nullable String receipt) throws IOException {
    write(1, begun, null, false, null, receipt, "");
  }

  /** An entry of the run that began then. */
  void journal(String begun, Instant jobStartedAt) throws IOException {
    write(3, begun, null, false, null, null, run(jobStartedAt));
  }

  void journal(
      String begun,
      Instant jobStartedAt,
      @Nullable String asked,
      boolean drained,
      @Nullable String uri,
      @Nullable String receipt)
      throws IOException {
    write(3, begun, asked, drained, uri, receipt, run(jobStartedAt));
  }

  private String run(Instant jobStartedAt) {
    return ",\"jobStartedAt\":\"%s\",\"attempt\":0,\"highAvailability\":%s,\"rest\":[\"%s\"]"
        .formatted(jobStartedAt, highAvailability, flink.addresses().get(0));
  }

  private void write(
      int version,
      String begun,
      @Nullable String asked,
      boolean drained,
      @Nullable String uri,
      @Nullable String receipt,
      String more)
      throws IOException {
    Files.writeString(
        journal(),
        """
        {"version":%s,"job":{"id":"%s","name":"flights","flinkVersion":"2.2.1","version":"1",
          "parallelism":2,"settings":{%s,
            "sluice.sink.delivery-guarantee":"%s"},"flink":{}},
         "triggerId":"%s","startedAt":"%s","savepointDirectory":%s,
         "drain":%s,"nativeFormat":false,"savepoint":%s,"receipt":%s%s}
        """
            .formatted(
                version,
                ID,
                settings,
                guarantee,
                TRIGGER,
                begun,
                quoted(asked),
                drained,
                quoted(uri),
                quoted(receipt),
                more));
  }

  private static String quoted(@Nullable String text) {
    return text == null ? "null" : "\"" + text + "\"";
  }

  Path journal() {
    return stops.resolve(ID + ".json");
  }

  /** The receipts that were written. */
  List<Path> receipts() throws IOException {
    try (Stream<Path> files = Files.list(stops)) {
      return files.filter(file -> file.getFileName().toString().startsWith("receipt-")).toList();
    }
  }

  StopPolicy policy() {
    return new StopPolicy(
        "flights",
        flink.addresses(),
        directory,
        false,
        drain,
        grace,
        onTimeout,
        patience,
        null,
        stops,
        own,
        null,
        List.of(),
        keys);
  }

  /** A stop by a tool whose brokers can't be asked. */
  StopResult stop() throws Exception {
    return stop(event -> {});
  }

  /** The same with an observer. */
  StopResult stop(StopListener looks) throws Exception {
    return GracefulStop.start(
            ToolServices.real(),
            policy(),
            event -> {
              reported.add(event);
              looks.on(event);
            })
        .get();
  }

  @Override
  public void close() {
    flink.close();
  }
}
