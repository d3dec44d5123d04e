package dev.sluice.tool.broker;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates topics. */
final class TopicCreation {

  private final Admin admin;
  private final AdminCall question;

  TopicCreation(Admin admin, AdminCall question) {
    this.admin = admin;
    this.question = question;
  }

  /** Creates those that are not there; their names. */
  Set<String> create(Collection<TopicPlan> topics) throws BrokerException, InterruptedException {
    Set<String> there = question.ask("which topics there are", admin.listTopics().names());
    Set<String> created = new TreeSet<>();
    for (TopicPlan topic : topics) {
      if (!there.contains(topic.name()) && create(topic)) {
        created.add(topic.name());
      }
    }
    return created;
  }

  /** False if somebody else has created it in the meantime. */
  private boolean create(TopicPlan topic) throws BrokerException, InterruptedException {
    NewTopic wanted =
        new NewTopic(topic.name(), Optional.of(topic.partitions()), Optional.empty())
            .configs(topic.configs());
    try {
      question.ask("to create topic " + topic.name(), admin.createTopics(List.of(wanted)).all());
      return true;
    } catch (BrokerException e) {
      if (e.reason() instanceof TopicExistsException) {
        return false;
      }
      throw e;
    }
  }
}
