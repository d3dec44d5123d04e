package dev.sluice.tool.broker;

import java.util.Map;

/**
 * A topic that may have to be created; how often it is replicated the brokers decide.
 *
 * @param name of the topic
 * @param partitions how many
 * @param configs what is set of it, by Kafka's names
 */
public record TopicPlan(String name, int partitions, Map<String, String> configs) {

  public TopicPlan {
    configs = Map.copyOf(configs);
  }
}
