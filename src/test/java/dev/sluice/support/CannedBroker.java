package dev.sluice.support;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AddPartitionsToTxnRequest;
import org.apache.kafka.common.requests.DescribeTransactionsRequest;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListTransactionsRequest;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;
import org.apache.kafka.common.requests.ResponseHeader;

/**
 * A broker with given answers, in Kafka's protocol: where topics end, their records, the fates of
 * transactions. Of records it is given it says that it took them, and keeps none.
 */
public final class CannedBroker implements AutoCloseable {

  /** Of the cluster that it is in. */
  public static final String CLUSTER_ID = "canned";

  private static final int NODE = 0;
  private static final Duration EMPTY_FETCH = Duration.ofMillis(5);

  /** Bytes: socket.request.max.bytes. A longer request ends the connection, as one in TLS is. */
  private static final int LONGEST_REQUEST = 100 << 20;

  /** What it understands, up to which version; by Kafka 4.1 a fetch names topics by their ids. */
  private static final Map<ApiKeys, Short> VERSIONS =
      Map.of(
          ApiKeys.API_VERSIONS, (short) 4,
          ApiKeys.METADATA, (short) 9,
          ApiKeys.DESCRIBE_CLUSTER, (short) 0,
          ApiKeys.LIST_OFFSETS, (short) 7,
          ApiKeys.FETCH, (short) 12,
          ApiKeys.FIND_COORDINATOR, (short) 4,
          ApiKeys.DESCRIBE_TRANSACTIONS, (short) 0,
          ApiKeys.INIT_PRODUCER_ID, (short) 4,
          ApiKeys.PRODUCE, (short) 9);

  private final ServerSocket server;
  private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
  private final Map<String, List<CannedLog>> topics = new ConcurrentSkipListMap<>();
  private final Map<ApiKeys, Queue<Errors>> failures = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile short listTransactions = 2;
  private volatile String clusterId = CLUSTER_ID;
  private volatile boolean hidesTopics;
  private volatile boolean hidesRecords;

  /** What the client's user may do; a broker does not report the topics that are not in here. */
  private final Map<String, Set<AclOperation>> operations = new ConcurrentHashMap<>();

  private final CannedTransactions transactions;

  private CannedBroker(ServerSocket server) {
    this.server = server;
    this.transactions = new CannedTransactions(NODE, server.getLocalPort());
  }

  /** One that has no topic yet. */
  public static CannedBroker start() throws IOException {
    CannedBroker broker =
        new CannedBroker(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    thread(broker::accept);
    return broker;
  }

  /** From now on it is in another cluster; empty for one that reports no id. */
  public CannedBroker inCluster(String id) {
    clusterId = id;
    return this;
  }

  /** A topic with these partitions. */
  public CannedBroker topic(String name, CannedLog... partitions) {
    topics.put(name, List.of(partitions));
    return this;
  }

  /** A transaction in one of the states that brokers name: Ongoing, CompleteCommit, … */
  public CannedBroker transaction(String id, long producerId, int epoch, String state) {
    transactions.put(id, producerId, epoch, state);
    return this;
  }

  /** A transaction that is open in a partition; the last open one there, if several are. */
  public CannedBroker openTransaction(
      String id, long producerId, int epoch, long sinceMs, String topic, int partition) {
    transactions.open(id, producerId, epoch, sinceMs, new TopicPartition(topic, partition));
    return this;
  }

  /** The next requests of a kind fail. */
  public CannedBroker fail(ApiKeys kind, Errors error, int times) {
    for (int i = 0; i < times; i++) {
      failures.computeIfAbsent(kind, k -> new ConcurrentLinkedQueue<>()).add(error);
    }
    return this;
  }

  /** From now on nothing fails. */
  public CannedBroker heal() {
    failures.clear();
    return this;
  }

  /** From now on it can't find transactions by a pattern, as before Kafka 4.1. */
  public CannedBroker beforePatterns() {
    listTransactions = 1;
    return this;
  }

  /**
   * From now on the client's user may not describe any transactional id: as by a real broker, a
   * list holds none, and who asks for one is refused by the coordinator's lookup.
   */
  public CannedBroker hideTransactions() {
    return hideTransactions("");
  }

  /** As {@link #hideTransactions()}, of the ids that begin so alone. */
  public CannedBroker hideTransactions(String prefix) {
    transactions.hide(prefix);
    return this;
  }

  /** From now on the client's user may not describe any topic. */
  public CannedBroker hideTopics() {
    hidesTopics = true;
    return this;
  }

  /** From now on it reports that the client's user may do this, and no more, with a topic. */
  public CannedBroker allow(String topic, AclOperation... may) {
    operations.put(topic, Set.of(may));
    return this;
  }

  /** From now on the client's user may describe topics, and read none. */
  public CannedBroker hideRecords() {
    hidesRecords = true;
    return this;
  }

  /** Properties of a client that asks it. */
  public Properties client() {
    Properties client = new Properties();
    client.put("bootstrap.servers", servers());
    return client;
  }

  /** Where it is. */
  public String servers() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /** Every request so far, with the pattern of one for transactions. */
  public List<String> asked() {
    return List.copyOf(asked);
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Closeable connection : open) {
      connection.close();
    }
  }

  private static void thread(Runnable work) {
    Thread thread = new Thread(work, "canned-broker");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        open.add(socket);
        thread(() -> serve(socket));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void serve(Socket socket) {
    try (socket;
        DataInputStream in = new DataInputStream(socket.getInputStream());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream())) {
      while (true) {
        int length = in.readInt();
        if (length < 0 || length > LONGEST_REQUEST) {
          throw new IOException("a request of %s bytes".formatted(length));
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        RequestHeader header = RequestHeader.parse(buffer);
        AbstractRequest request =
            AbstractRequest.parseRequest(
                    header.apiKey(), header.apiVersion(), new ByteBufferAccessor(buffer))
                .request;
        ResponseHeader above = header.toResponseHeader();
        ByteBuffer answer =
            RequestUtils.serialize(
                above.data(), above.headerVersion(), answer(request), header.apiVersion());
        out.writeInt(answer.remaining());
        out.write(answer.array(), answer.arrayOffset() + answer.position(), answer.remaining());
        out.flush();
      }
    } catch (IOException clientIsGone) {
      open.remove(socket);
    }
  }

  private ApiMessage answer(AbstractRequest request) {
    asked.add(named(request));
    Queue<Errors> failing = failures.get(request.apiKey());
    Errors error = failing == null ? null : failing.poll();
    if (error != null) {
      return request.getErrorResponse(0, error.exception()).data();
    }
    if (request instanceof MetadataRequest metadata) {
      return metadata(metadata);
    } else if (request instanceof ListOffsetsRequest offsets) {
      return offsets(offsets.data());
    } else if (request instanceof FetchRequest fetch) {
      return fetch(fetch.data());
    } else if (request instanceof FindCoordinatorRequest find) {
      return transactions.coordinators(find);
    } else if (request instanceof DescribeTransactionsRequest describe) {
      return transactions.described(describe);
    } else if (request instanceof ListTransactionsRequest list) {
      return transactions.listed(list.data());
    } else if (request instanceof InitProducerIdRequest producer) {
      String id = producer.data().transactionalId();
      return id == null ? new InitProducerIdResponseData().setProducerId(1) : takeOver(id);
    } else if (request instanceof ProduceRequest records) {
      return taken(records.data());
    } else if (request.apiKey() == ApiKeys.DESCRIBE_CLUSTER) {
      return cluster();
    } else if (request instanceof AddPartitionsToTxnRequest partitions) {
      return CannedTransactions.added(partitions.data());
    } else if (request.apiKey() == ApiKeys.END_TXN) {
      return new EndTxnResponseData();
    }
    return versions();
  }

  private static String named(AbstractRequest request) {
    return request instanceof ListTransactionsRequest list
        ? "LIST_TRANSACTIONS " + list.data().transactionalIdPattern()
        : request.apiKey().name();
  }

  private InitProducerIdResponseData takeOver(String id) {
    TopicPartition where = transactions.takeOver(id);
    if (where != null) {
      log(where.topic(), where.partition()).abortOpen();
    }
    return transactions.producer(id);
  }

  private ApiVersionsResponseData versions() {
    ApiVersionsResponseData.ApiVersionCollection all =
        new ApiVersionsResponseData.ApiVersionCollection();
    VERSIONS.forEach((kind, highest) -> all.add(version(kind, highest)));
    all.add(version(ApiKeys.LIST_TRANSACTIONS, listTransactions));
    all.add(version(ApiKeys.ADD_PARTITIONS_TO_TXN, (short) 3));
    all.add(version(ApiKeys.END_TXN, (short) 3));
    return new ApiVersionsResponseData().setApiKeys(all);
  }

  private static ApiVersionsResponseData.ApiVersion version(ApiKeys kind, short highest) {
    return new ApiVersionsResponseData.ApiVersion()
        .setApiKey(kind.id)
        .setMinVersion(kind.oldestVersion())
        .setMaxVersion(highest);
  }

  private DescribeClusterResponseData cluster() {
    DescribeClusterResponseData.DescribeClusterBrokerCollection brokers =
        new DescribeClusterResponseData.DescribeClusterBrokerCollection();
    brokers.add(
        new DescribeClusterResponseData.DescribeClusterBroker()
            .setBrokerId(NODE)
            .setHost("127.0.0.1")
            .setPort(server.getLocalPort()));
    return new DescribeClusterResponseData()
        .setClusterId(clusterId)
        .setControllerId(NODE)
        .setBrokers(brokers);
  }

  private MetadataResponseData metadata(MetadataRequest request) {
    MetadataResponseData.MetadataResponseBrokerCollection brokers =
        new MetadataResponseData.MetadataResponseBrokerCollection();
    brokers.add(
        new MetadataResponseData.MetadataResponseBroker()
            .setNodeId(NODE)
            .setHost("127.0.0.1")
            .setPort(server.getLocalPort()));
    MetadataResponseData.MetadataResponseTopicCollection reported =
        new MetadataResponseData.MetadataResponseTopicCollection();
    List<String> wanted =
        request.isAllTopics() ? List.copyOf(topics.keySet()) : List.copyOf(request.topics());
    wanted.forEach(topic -> reported.add(topicMetadata(topic)));
    return new MetadataResponseData()
        .setClusterId(clusterId)
        .setControllerId(NODE)
        .setBrokers(brokers)
        .setTopics(reported);
  }

  private MetadataResponseData.MetadataResponseTopic topicMetadata(String name) {
    List<CannedLog> logs = topics.get(name);
    MetadataResponseData.MetadataResponseTopic topic =
        new MetadataResponseData.MetadataResponseTopic().setName(name);
    if (hidesTopics) {
      return topic.setErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code());
    }
    if (logs == null) {
      return topic.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
    }
    List<MetadataResponseData.MetadataResponsePartition> partitions = new ArrayList<>();
    for (int i = 0; i < logs.size(); i++) {
      partitions.add(
          new MetadataResponseData.MetadataResponsePartition()
              .setPartitionIndex(i)
              .setLeaderId(NODE)
              .setLeaderEpoch(0)
              .setReplicaNodes(List.of(NODE))
              .setIsrNodes(List.of(NODE)));
    }
    Set<AclOperation> may = operations.get(name);
    if (may != null) {
      topic.setTopicAuthorizedOperations(
          may.stream().mapToInt(operation -> 1 << operation.code()).sum());
    }
    return topic.setPartitions(partitions);
  }

  private CannedLog log(String topic, int partition) {
    return topics.getOrDefault(topic, List.of()).get(partition);
  }

  private ListOffsetsResponseData offsets(ListOffsetsRequestData request) {
    boolean committed = request.isolationLevel() == IsolationLevel.READ_COMMITTED.id();
    List<ListOffsetsResponseData.ListOffsetsTopicResponse> reported = new ArrayList<>();
    for (ListOffsetsRequestData.ListOffsetsTopic topic : request.topics()) {
      List<ListOffsetsResponseData.ListOffsetsPartitionResponse> partitions = new ArrayList<>();
      for (ListOffsetsRequestData.ListOffsetsPartition wanted : topic.partitions()) {
        CannedLog log = log(topic.name(), wanted.partitionIndex());
        long end = committed ? log.stableEnd() : log.end();
        partitions.add(
            new ListOffsetsResponseData.ListOffsetsPartitionResponse()
                .setPartitionIndex(wanted.partitionIndex())
                .setLeaderEpoch(0)
                .setOffset(
                    wanted.timestamp() == ListOffsetsRequest.LATEST_TIMESTAMP ? end : log.begin()));
      }
      reported.add(
          new ListOffsetsResponseData.ListOffsetsTopicResponse()
              .setName(topic.name())
              .setPartitions(partitions));
    }
    return new ListOffsetsResponseData().setTopics(reported);
  }

  private static ProduceResponseData taken(ProduceRequestData request) {
    ProduceResponseData taken = new ProduceResponseData();
    for (ProduceRequestData.TopicProduceData topic : request.topicData()) {
      List<ProduceResponseData.PartitionProduceResponse> partitions = new ArrayList<>();
      for (ProduceRequestData.PartitionProduceData partition : topic.partitionData()) {
        partitions.add(
            new ProduceResponseData.PartitionProduceResponse()
                .setIndex(partition.index())
                .setBaseOffset(0));
      }
      taken
          .responses()
          .add(
              new ProduceResponseData.TopicProduceResponse()
                  .setName(topic.name())
                  .setPartitionResponses(partitions));
    }
    return taken;
  }

  private FetchResponseData fetch(FetchRequestData request) {
    boolean committed = request.isolationLevel() == IsolationLevel.READ_COMMITTED.id();
    boolean any = false;
    List<FetchResponseData.FetchableTopicResponse> reported = new ArrayList<>();
    for (FetchRequestData.FetchTopic topic : request.topics()) {
      List<FetchResponseData.PartitionData> partitions = new ArrayList<>();
      for (FetchRequestData.FetchPartition wanted : topic.partitions()) {
        CannedLog log = log(topic.topic(), wanted.partition());
        var records = log.between(wanted.fetchOffset(), committed ? log.stableEnd() : log.end());
        any |= records.sizeInBytes() > 0;
        partitions.add(
            new FetchResponseData.PartitionData()
                .setPartitionIndex(wanted.partition())
                .setHighWatermark(log.end())
                .setLastStableOffset(log.stableEnd())
                .setErrorCode(hidesRecords ? Errors.TOPIC_AUTHORIZATION_FAILED.code() : 0)
                .setLogStartOffset(log.begin())
                .setAbortedTransactions(log.abortedTransactions())
                .setRecords(records));
      }
      reported.add(
          new FetchResponseData.FetchableTopicResponse()
              .setTopic(topic.topic())
              .setPartitions(partitions));
    }
    if (!any) {
      LockSupport.parkNanos(EMPTY_FETCH.toNanos()); // a client at its end would ask without a break
    }
    return new FetchResponseData().setResponses(reported);
  }
}
