package dev.sluice.tool.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Target;
import dev.sluice.model.ChampionTrainer.Example;
import dev.sluice.tool.events.TextFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Joins the observations and outcomes of a file of events, JSON lines, by key and id. Examples come
 * in the order in which they became complete.
 */
public final class TrainingEvents {

  private static final int MAX_FEATURES = 4096;
  private static final int SHOWN = 5;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final EventDecoder decoder;
  private final Set<String> without;
  private final Map<Joint, Seen> observations = new HashMap<>();
  private final Map<Joint, Known> outcomes = new HashMap<>();
  private final List<Joined> joined = new ArrayList<>();
  private final List<String> complaints = new ArrayList<>();
  private int badLines;

  /**
   * Reads events of one job.
   *
   * @param labels the job's labels; none for regression
   * @param without names of features that are left out
   */
  public TrainingEvents(List<String> labels, Set<String> without) {
    this.decoder = new EventDecoder(labels, MAX_FEATURES);
    this.without = Set.copyOf(without);
  }

  /**
   * What a file held.
   *
   * @param joined observations that met their outcome
   * @param observationsAlone observations without an outcome
   * @param outcomesAlone outcomes without an observation
   * @param badLines lines that are no event, or repeat one
   * @param complaints the first few bad lines and why
   */
  public record Read(
      List<Joined> joined,
      int observationsAlone,
      int outcomesAlone,
      int badLines,
      List<String> complaints) {

    /** The examples without their times. */
    public List<Example> examples() {
      return joined.stream().map(Joined::example).toList();
    }
  }

  /**
   * An observation that met its outcome.
   *
   * @param example what can be learned from them
   * @param observedMs epoch milliseconds: the observation's time, or when a job predicted it
   * @param knownMs epoch milliseconds: the outcome's time, or when a job evaluated it
   */
  public record Joined(Example example, long observedMs, long knownMs) {}

  private record Joint(String key, String id) {}

  private record Seen(Features features, long timeMs) {

    Joined with(Known known) {
      return new Joined(new Example(features, known.target), timeMs, known.timeMs);
    }
  }

  private record Known(Target target, long timeMs) {}

  /**
   * Reads to the end.
   *
   * @param name what the input is called in messages
   * @param limit observations after this many are passed over
   * @throws IOException if the input can't be read
   */
  public Read read(BufferedReader lines, String name, int limit) throws IOException {
    int number = 0;
    int seen = 0;
    for (String line = next(lines, name, 1); line != null; line = next(lines, name, number + 1)) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      Event event = decoder.decode(record(line, number));
      if (event instanceof Observation && ++seen > limit) {
        continue; // outcomes of earlier observations may still follow
      }
      String complaint = take(event);
      if (complaint != null) {
        badLines++;
        if (complaints.size() < SHOWN) {
          complaints.add("%s:%s: %s".formatted(name, number, complaint));
        }
      }
    }
    return new Read(
        List.copyOf(joined), observations.size(), outcomes.size(), badLines, complaints);
  }

  private static @Nullable String next(BufferedReader lines, String name, int number)
      throws IOException {
    try {
      return lines.readLine();
    } catch (CharacterCodingException e) {
      throw TextFile.notUtf8(name, number, e);
    }
  }

  private @Nullable String take(Event event) {
    if (event instanceof Malformed malformed) {
      return malformed.reason().code() + ": " + malformed.detail();
    }
    if (event instanceof Observation observation) {
      Joint joint = new Joint(observation.key(), observation.id());
      Known known = outcomes.remove(joint);
      Seen seen = new Seen(without(without, observation.features()), observation.timeMs());
      if (known != null) {
        joined.add(seen.with(known));
        return null;
      }
      return observations.putIfAbsent(joint, seen) == null
          ? null
          : "a second observation " + joint.id() + " of key " + joint.key();
    }
    Outcome outcome = (Outcome) event;
    Joint joint = new Joint(outcome.key(), outcome.id());
    Known known = new Known(outcome.target(), outcome.timeMs());
    Seen seen = observations.remove(joint);
    if (seen != null) {
      joined.add(seen.with(known));
      return null;
    }
    return outcomes.putIfAbsent(joint, known) == null
        ? null
        : "a second outcome " + joint.id() + " of key " + joint.key();
  }

  /** The features whose names are not among those that are left out. */
  static Features without(Set<String> without, Features all) {
    int[] kept =
        IntStream.range(0, all.size()).filter(i -> !without.contains(all.names()[i])).toArray();
    return kept.length == all.size()
        ? all
        : new Features(
            Arrays.stream(kept).mapToObj(i -> all.names()[i]).toArray(String[]::new),
            Arrays.stream(kept).mapToObj(i -> all.texts()[i]).toArray(String[]::new),
            Arrays.stream(kept).mapToDouble(i -> all.numbers()[i]).toArray());
  }

  /** A line as the record that it would be in Kafka. */
  private RawRecord record(String line, int number) {
    byte[] value = line.getBytes(StandardCharsets.UTF_8);
    return new RawRecord(new Origin("file", 0, number), 0, keyOf(value), value);
  }

  /** The top-level field {@code key}; null if there is none, which the decoder then reports. */
  private byte @Nullable [] keyOf(byte[] value) {
    try {
      JsonNode key = JSON.readTree(value).path("key");
      return key.isTextual() ? key.asText().getBytes(StandardCharsets.UTF_8) : null;
    } catch (IOException e) {
      return null;
    }
  }
}
