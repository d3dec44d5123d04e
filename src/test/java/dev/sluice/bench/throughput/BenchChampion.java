package dev.sluice.bench.throughput;

import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.model.ChampionTrainer;
import dev.sluice.settings.JobSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A champion for the contender that blends: trained on the first pairs of the stream. */
final class BenchChampion {

  private static final int PAIRS = 20_000;
  private static final ChampionTrainer.Parameters TRAINING =
      new ChampionTrainer.Parameters(0.1, 3, 1, 0.1);

  private BenchChampion() {}

  /** Trains it and writes its file. */
  static Path train(BenchOptions.Stream shape, Path file) throws IOException {
    Map<String, Features> open = new HashMap<>();
    List<ChampionTrainer.Example> examples = new ArrayList<>();
    BenchStream stream = new BenchStream(shape, 0);
    EventDecoder decoder = new EventDecoder(BenchStream.LABELS, 100);
    while (stream.hasNext() && examples.size() < PAIRS) {
      BenchStream.Item item = stream.next();
      Event event =
          decoder.decode(
              new RawRecord(new Origin("events", 0, 0), item.timeMs(), item.key(), item.value()));
      if (event instanceof Observation observation) {
        open.put(observation.id(), observation.features());
      } else if (event instanceof Outcome outcome) {
        Features features = open.remove(outcome.id());
        if (features != null) {
          examples.add(new ChampionTrainer.Example(features, outcome.target()));
        }
      }
    }
    JobSettings settings = JobSettings.of(Workplace.learning());
    return Files.write(
        file, ChampionTrainer.toBytes(ChampionTrainer.train(examples, settings.model(), TRAINING)));
  }
}
