package dev.sluice.support;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeTransactionsRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of a {@link CannedBroker}, and the answer to a user who may not describe them.
 */
final class CannedTransactions {

  private final int node;
  private final int port;
  private final Map<String, Transaction> transactions = new ConcurrentSkipListMap<>();
  private volatile @Nullable String hidden;

  /** The partition is null for one that has written nothing. */
  private record Transaction(
      long producerId,
      short epoch,
      String state,
      long sinceMs,
      @Nullable TopicPartition partition) {}

  CannedTransactions(int node, int port) {
    this.node = node;
    this.port = port;
  }

  void put(String id, long producerId, int epoch, String state) {
    transactions.put(id, new Transaction(producerId, (short) epoch, state, -1, null));
  }

  void open(String id, long producerId, int epoch, long sinceMs, TopicPartition partition) {
    transactions.put(id, new Transaction(producerId, (short) epoch, "Ongoing", sinceMs, partition));
  }

  /**
   * Takes a name over: what is open under it is aborted.
   *
   * @return where that was; null if nowhere
   */
  @Nullable TopicPartition takeOver(String id) {
    Transaction was = transactions.get(id);
    if (was == null) {
      put(id, 1, 0, "Empty");
      return null;
    }
    put(id, was.producerId(), was.epoch() + 2, "Empty");
    return was.partition();
  }

  /** Every partition may be written. */
  static AddPartitionsToTxnResponseData added(AddPartitionsToTxnRequestData request) {
    AddPartitionsToTxnResponseData added = new AddPartitionsToTxnResponseData();
    for (AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic topic : request.v3AndBelowTopics()) {
      AddPartitionsToTxnResponseData.AddPartitionsToTxnTopicResult result =
          new AddPartitionsToTxnResponseData.AddPartitionsToTxnTopicResult().setName(topic.name());
      topic
          .partitions()
          .forEach(
              partition ->
                  result
                      .resultsByPartition()
                      .add(
                          new AddPartitionsToTxnResponseData.AddPartitionsToTxnPartitionResult()
                              .setPartitionIndex(partition)));
      added.resultsByTopicV3AndBelow().add(result);
    }
    return added;
  }

  InitProducerIdResponseData producer(String id) {
    Transaction now = Objects.requireNonNull(transactions.get(id));
    return new InitProducerIdResponseData()
        .setProducerId(now.producerId())
        .setProducerEpoch(now.epoch());
  }

  /** Those that begin so. */
  void hide(String prefix) {
    hidden = prefix;
  }

  private boolean hides(String id) {
    String prefix = hidden;
    return prefix != null && id.startsWith(prefix);
  }

  FindCoordinatorResponseData coordinators(FindCoordinatorRequest request) {
    List<FindCoordinatorResponseData.Coordinator> reported =
        request.data().coordinatorKeys().stream().map(this::coordinator).toList();
    return new FindCoordinatorResponseData().setCoordinators(reported);
  }

  private FindCoordinatorResponseData.Coordinator coordinator(String key) {
    FindCoordinatorResponseData.Coordinator reported =
        new FindCoordinatorResponseData.Coordinator().setKey(key);
    return hides(key)
        ? reported.setErrorCode(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code()).setNodeId(-1)
        : reported.setNodeId(node).setHost("127.0.0.1").setPort(port);
  }

  DescribeTransactionsResponseData described(DescribeTransactionsRequest request) {
    List<DescribeTransactionsResponseData.TransactionState> reported = new ArrayList<>();
    for (String id : request.data().transactionalIds()) {
      Transaction one = transactions.get(id);
      DescribeTransactionsResponseData.TransactionState state =
          new DescribeTransactionsResponseData.TransactionState().setTransactionalId(id);
      if (one != null && one.partition() != null) {
        DescribeTransactionsResponseData.TopicDataCollection topics =
            new DescribeTransactionsResponseData.TopicDataCollection();
        topics.add(
            new DescribeTransactionsResponseData.TopicData()
                .setTopic(one.partition().topic())
                .setPartitions(List.of(one.partition().partition())));
        state.setTopics(topics);
      }
      reported.add(
          one == null
              ? state.setErrorCode(Errors.TRANSACTIONAL_ID_NOT_FOUND.code())
              : state
                  .setTransactionState(one.state())
                  .setTransactionStartTimeMs(one.sinceMs())
                  .setProducerId(one.producerId())
                  .setProducerEpoch(one.epoch()));
    }
    return new DescribeTransactionsResponseData().setTransactionStates(reported);
  }

  ListTransactionsResponseData listed(ListTransactionsRequestData request) {
    List<ListTransactionsResponseData.TransactionState> reported = new ArrayList<>();
    String pattern = request.transactionalIdPattern();
    transactions.forEach(
        (id, one) -> {
          boolean matches = pattern == null || id.matches(pattern);
          if (!hides(id) && matches && isOf(request.stateFilters(), one.state())) {
            reported.add(
                new ListTransactionsResponseData.TransactionState()
                    .setTransactionalId(id)
                    .setProducerId(one.producerId())
                    .setTransactionState(one.state()));
          }
        });
    return new ListTransactionsResponseData().setTransactionStates(reported);
  }

  /** A request without a state gets those in any. */
  private static boolean isOf(List<String> states, String state) {
    return states.isEmpty() || states.contains(state);
  }
}
