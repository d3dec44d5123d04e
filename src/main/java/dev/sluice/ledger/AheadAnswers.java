package dev.sluice.ledger;

/**
 * Answers that are committed beyond a snapshot.
 *
 * @param origins the inputs that they answer
 * @param journal what they say of the control commands
 */
public record AheadAnswers(OriginSet origins, AnswerJournal journal) {

  /** None. */
  public AheadAnswers() {
    this(new OriginSet(), new AnswerJournal());
  }

  /** Answers that say nothing of control commands. */
  public static AheadAnswers of(OriginSet origins) {
    return new AheadAnswers(origins, new AnswerJournal());
  }

  public void addAll(AheadAnswers others) {
    origins.addAll(others.origins);
    journal.addAll(others.journal);
  }

  /** Takes the least memory; worthwhile when no more is to be added soon. */
  public AheadAnswers compress() {
    origins.compress();
    journal.compress();
    return this;
  }
}
