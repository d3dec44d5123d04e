package dev.sluice.fence;

import dev.sluice.event.OutputRecord;
import dev.sluice.ledger.TransactionDeadline;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.CoordinatedOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes the fence's subtasks and their coordinator. */
public final class RestoreFenceFactory extends AbstractStreamOperatorFactory<OutputRecord>
    implements OneInputStreamOperatorFactory<OutputRecord, OutputRecord>,
        CoordinatedOperatorFactory<OutputRecord> {

  private static final long serialVersionUID = 1L;

  private final FenceSettings settings;
  private final TransactionDeadline.Limits limits;

  /** A fence for the job's one sink, to be placed directly before it. */
  public RestoreFenceFactory(FenceSettings settings, TransactionDeadline.Limits limits) {
    this.settings = settings;
    this.limits = limits;
  }

  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the interface wants it so
  public <T extends StreamOperator<OutputRecord>> T createStreamOperator(
      StreamOperatorParameters<OutputRecord> parameters) {
    return (T) new RestoreFence(parameters, settings, limits);
  }

  @Override
  public OperatorCoordinator.Provider getCoordinatorProvider(
      String operatorName, OperatorID operatorId) {
    return new Provider(operatorId, settings);
  }

  @Override
  @SuppressWarnings("rawtypes") // the interface's own signature
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return RestoreFence.class;
  }

  private record Provider(OperatorID operatorId, FenceSettings settings)
      implements OperatorCoordinator.Provider {

    private static final long serialVersionUID = 1L;

    @Override
    public OperatorID getOperatorId() {
      return operatorId;
    }

    @Override
    public OperatorCoordinator create(OperatorCoordinator.Context context) {
      return new RestoreFenceCoordinator(context, settings);
    }
  }
}
