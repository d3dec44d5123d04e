package dev.sluice.tool.evaluation;

import dev.sluice.event.Answer.Evaluation;
import dev.sluice.event.Answer.Evaluation.Scored;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.ServedBy;
import dev.sluice.model.Champion;
import dev.sluice.model.Losses;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import dev.sluice.tool.scoring.Column;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the columns of what the job's models, and constants, had predicted. */
final class Columns {

  private final boolean probabilities;
  private final @Nullable Champion champion;
  private final Losses losses;

  Columns(ModelSettings settings, @Nullable Champion champion, List<String> labels) {
    this.probabilities = settings.objective() == Objective.LOG;
    this.champion = champion;
    this.losses = new Losses(settings, labels);
  }

  /** What the job's models said; a new one of an evaluation is added here. */
  List<Column> of(Evaluation evaluation, ModelState state, Pending.Predicted pending) {
    List<Column> columns = new ArrayList<>();
    boolean served = probabilities;
    Scored scored = evaluation.champion();
    if (scored != null && champion != null) {
      boolean ofChampion = champion.generatesProbabilities();
      columns.add(column("champion", scored, ofChampion));
      served = evaluation.servedBy() == ServedBy.CHAMPION ? ofChampion : probabilities;
    }
    columns.add(column("challenger", evaluation.challenger(), probabilities));
    int rates = state.learned.challengers();
    for (int i = 0; rates > 1 && i < rates; i++) {
      double[] outputs = pending.challengers()[i];
      columns.add(
          new Column(
              rate(state.learned.rate(i)),
              outputs,
              probabilities,
              losses.of(outputs, probabilities, evaluation.target())));
    }
    columns.add(column("served", evaluation.served(), served));
    return columns;
  }

  /** What a challenger is called: as its learning rate is set. */
  private static String rate(double rate) {
    return "rate " + BigDecimal.valueOf(rate).stripTrailingZeros().toPlainString();
  }

  private static Column column(String name, Scored scored, boolean probabilities) {
    return new Column(name, scored.outputs(), probabilities, scored.loss());
  }

  Column constant(String name, double[] outputs, Outcome outcome) {
    return new Column(name, outputs, true, losses.of(outputs, true, outcome.target()));
  }
}
