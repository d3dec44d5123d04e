package dev.sluice.job;

import dev.sluice.control.ControlState;
import dev.sluice.event.Answer.ControlReply;
import dev.sluice.event.Command;
import dev.sluice.event.ControlEcho;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.DecodedCommand;
import dev.sluice.event.Origin;
import dev.sluice.model.Champion;
import dev.sluice.model.ChampionException;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelSettings.ServingPolicy;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.settings.JobSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The model as the control commands so far have made it: champion, shadow, serving policy, and what
 * is paused. All tasks get the same commands in the same order and decide the same.
 */
final class ControlledModel {

  /** Characters. */
  private static final int MAX_REASON = 2_000;

  private final JobSettings.Models settings;
  private final ControlState orders;

  private @Nullable Champion champion;
  private @Nullable Champion shadow;
  private OnlineModel online;

  /**
   * @param champion read with these settings, null for none
   * @param shadow likewise
   * @param orders the combined effect of the commands so far; taken as its own
   */
  ControlledModel(
      JobSettings.Models settings,
      @Nullable Champion champion,
      @Nullable Champion shadow,
      ControlState orders) {
    this.settings = settings;
    this.champion = champion;
    this.shadow = shadow;
    this.orders = orders;
    this.online = assembled();
  }

  /** A separate one that continues from the same commands. */
  ControlledModel copy() {
    return new ControlledModel(settings, champion, shadow, orders.copy());
  }

  /**
   * One that continues from the same commands and keeps the memory of their answers: this one takes
   * no command any more.
   */
  ControlledModel next() {
    return new ControlledModel(settings, champion, shadow, orders.next());
  }

  @Nullable Champion champion() {
    return champion;
  }

  @Nullable Champion shadow() {
    return shadow;
  }

  /** To be read, not changed. */
  ControlState orders() {
    return orders;
  }

  /** Predicts, evaluates and learns as commanded. */
  OnlineModel online() {
    return online;
  }

  /** For any thread, which may see the champion of a moment ago; 0 for none. */
  int championVersion() {
    Champion now = champion;
    return now == null ? 0 : now.version();
  }

  boolean learns(String key) {
    return !orders.learning().holds(key);
  }

  boolean scores(String key) {
    return !orders.scoring().holds(key);
  }

  /**
   * A key's model as it is after the commands that came since its last event.
   *
   * @param stored null for a key that has none yet
   */
  ModelState upToDate(@Nullable ModelState stored, String key) {
    long generation = orders.generationOf(key);
    if (stored != null && stored.generation >= generation) {
      return stored;
    }
    ModelState model = stored;
    if (model == null || model.generation < orders.resetOf(key)) {
      model = online.newState();
    } else {
      model.restartLosses();
    }
    model.generation = generation;
    return model;
  }

  /** Carries a command out, or does not; either way this is its answer. */
  ControlReply obey(ControlRecord record) {
    Origin origin = record.raw().origin();
    ControlEcho echo = record.decoded().echo();
    ControlReply before = orders.answered().to(echo.id());
    if (before != null) {
      return before.again(origin);
    }
    ControlReply reply = new ControlReply(origin, echo, clipped(outcome(record)), false);
    orders.answered().remember(reply);
    return reply;
  }

  /**
   * The answer to a command that was carried out before, from what is remembered.
   *
   * @param record at an offset below the model's position
   */
  ControlReply answerAgain(ControlRecord record) {
    Origin origin = record.raw().origin();
    ControlEcho echo = record.decoded().echo();
    ControlReply before = orders.answered().to(echo.id());
    if (before == null) {
      String reason =
          record.decoded() instanceof DecodedCommand.Invalid invalid
              ? invalid.reason()
              : "it was answered before, and that answer is no longer remembered";
      return new ControlReply(origin, echo, clipped(reason), false);
    }
    return before.origin().equals(origin) ? before : before.again(origin);
  }

  /** What a library says of a broken file may be endless; answers are kept, and must fit. */
  private static @Nullable String clipped(@Nullable String reason) {
    return reason == null || reason.length() <= MAX_REASON
        ? reason
        : reason.substring(0, MAX_REASON) + "…";
  }

  /** Why a command is rejected, null when it is done. */
  private @Nullable String outcome(ControlRecord record) {
    if (record.decoded() instanceof DecodedCommand.Invalid invalid) {
      return invalid.reason();
    }
    if (record instanceof ControlRecord.Refused refused) {
      return refused.reason();
    }
    if (record.decoded() instanceof DecodedCommand.Valid valid) {
      return outcome(valid.command(), record);
    }
    throw new IllegalStateException("no decoded command: " + record);
  }

  private @Nullable String outcome(Command command, ControlRecord record) {
    if (command instanceof Command.Pause pause) {
      return orders.pause(pause.part(), pause.key());
    } else if (command instanceof Command.Resume resume) {
      orders.resume(resume.part(), resume.key());
      return null;
    } else if (command instanceof Command.Reset reset) {
      return orders.reset(reset.key());
    } else if (command instanceof Command.Forget) {
      return null; // what is to be forgotten is the keyed state's
    } else if (command instanceof Command.Serve serve) {
      return serve(serve.policy());
    } else if (command instanceof Command.Confirm confirm) {
      return confirm(confirm.version());
    } else if (command instanceof Command.Drop drop) {
      return drop(drop.version());
    } else if (command instanceof Command.Promote promote
        && record instanceof ControlRecord.WithModel named) {
      return promote(promote, named.model());
    }
    throw new IllegalStateException("a promotion without its model: " + record);
  }

  private @Nullable String serve(String policy) {
    if (champion == null && ServingPolicy.ofCode(policy) == ServingPolicy.CHAMPION) {
      return "there is no champion to serve; promote one first";
    }
    orders.serve(policy);
    online = assembled();
    return null;
  }

  private @Nullable String promote(Command.Promote promote, byte[] model) {
    Champion candidate;
    try {
      candidate = Champion.read(model, promote.version(), settings.settings());
    } catch (ChampionException e) {
      return "the model (%s) is refused: %s".formatted(promote.uri(), e.getMessage());
    }
    String refusal = refusal(candidate);
    if (refusal == null && promote.shadow() && promote.reseed()) {
      refusal = "a shadow reseeds nothing; promote it without reseed and reset after confirming it";
    }
    if (refusal != null) {
      return refusal;
    }
    if (promote.shadow()) {
      shadow = candidate;
    } else {
      champion = candidate;
      orders.promoted(promote.reseed());
    }
    online = assembled();
    return null;
  }

  /** Why this can't be the champion after the one that is here. */
  private @Nullable String refusal(Champion candidate) {
    for (Champion used : new @Nullable Champion[] {champion, shadow}) {
      if (used != null && used.version() == candidate.version()) {
        return "version %s is in use; give the new champion another number"
            .formatted(candidate.version());
      }
    }
    List<String> differences =
        new OnlineModel(settings.settings(), candidate)
            .description()
            .differences(online.description());
    if (!differences.isEmpty()) {
      return "the models of the keys could not be used with it: %s%s"
          .formatted(String.join("; ", differences), wayOut(candidate));
    }
    return otherOutputs(candidate);
  }

  private String wayOut(Champion candidate) {
    if (champion != null || !candidate.linear()) {
      return "";
    }
    return ". The job began without a champion, so no key's model has a column for each feature of a linear one."
        + " Promote a model that is not linear, or start a job of its own with sluice.champion.uri:"
        + " without a snapshot, with other output topics, prefix and group";
  }

  /**
   * What waits for its outcome was predicted by the old champion and is scored as the new one's.
   */
  private @Nullable String otherOutputs(Champion candidate) {
    return champion == null
            || champion.generatesProbabilities() == candidate.generatesProbabilities()
        ? null
        : "one of the champion and the model predicts probabilities, the other scores";
  }

  private @Nullable String confirm(int version) {
    Champion candidate = shadow;
    if (candidate == null || candidate.version() != version) {
      return noSuchShadow(version);
    }
    String refusal = otherOutputs(candidate);
    if (refusal == null) {
      champion = candidate;
      shadow = null;
      orders.promoted(false);
      online = assembled();
    }
    return refusal;
  }

  private @Nullable String drop(int version) {
    if (shadow == null || shadow.version() != version) {
      return noSuchShadow(version);
    }
    shadow = null;
    online = assembled();
    return null;
  }

  private String noSuchShadow(int version) {
    return shadow == null
        ? "there is no shadow"
        : "the shadow is version %s, not %s".formatted(shadow.version(), version);
  }

  private OnlineModel assembled() {
    String policy = orders.policy();
    ModelSettings served =
        policy == null
            ? settings.settings()
            : settings.settings().withPolicy(ServingPolicy.ofCode(policy));
    return new OnlineModel(served, champion, shadow);
  }

  @Override
  public String toString() {
    String with = champion == null ? "no champion" : "champion version " + champion.version();
    String andShadow = shadow == null ? "" : ", shadow version " + shadow.version();
    String unused =
        champion == null && settings.championUri() != null
            ? "; %s is not used: the snapshot was made without a champion"
                .formatted(settings.championUri())
            : "";
    return "Learning with %s%s%s: %s".formatted(with, andShadow, unused, settings.settings());
  }
}
