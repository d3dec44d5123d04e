package dev.sluice.tool.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A verb that reaches Flink, Kafka or the journal, and takes the job's settings as flags. */
@Command(preprocessor = SettingFlags.class)
abstract class ClusterVerb extends ResultVerb {

  @Mixin final Connection connection = new Connection();
}
