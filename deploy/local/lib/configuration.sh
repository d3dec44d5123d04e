# shellcheck shell=bash
# What a local cluster changes in the production settings of flink-conf/ and broker/. Sourced, never run.
# shellcheck disable=SC2154 # dir, root, offset and the like are set by common.sh and by the command

# use_ports OFFSET: every port of a cluster that is not left to the operating system.
use_ports() {
  broker_port=$((9092 + $1))
  controller_port=$((9093 + $1))
  rest_port=$((8081 + $1))
  rpc_port=$((6123 + $1))
  blob_port=$((6124 + $1))
  # The JobManager's; TaskManager N serves its metrics at metrics_port + N.
  metrics_port=$((9249 + $1))
}

# write_configuration: $dir/conf from flink-conf/ and broker/, with this cluster's addresses, ports, folders and memory.
write_configuration() {
  local conf=$dir/conf
  # What a killed TaskManager left in its scratch space is of no use to the next.
  rm -rf "${dir:?}/tmp"
  mkdir -p "$conf" "$dir"/{logs,tmp,kafka,checkpoints,savepoints}
  cp "$root"/flink-conf/log4j*.properties "$conf/"
  cp "$root/deploy/local/broker/log4j.properties" "$conf/broker-log4j.properties"

  override "$root/flink-conf/config.yaml" >"$conf/config.yaml" \
    "rest.port: $rest_port" \
    "jobmanager.rpc.port: $rpc_port" \
    "blob.server.port: $blob_port" \
    "execution.checkpointing.dir: \"file://$dir/checkpoints\"" \
    "execution.checkpointing.savepoint-dir: \"file://$dir/savepoints\"" \
    "io.tmp.dirs: \"$dir/tmp\"" \
    "jobmanager.memory.process.size: $jobmanager_memory" \
    "taskmanager.memory.process.size: $taskmanager_memory" \
    "taskmanager.numberOfTaskSlots: $slots" \
    "web.submit.enable: true" \
    "web.refresh-interval: 500 ms" \
    "metrics.reporter.prom.factory.class: org.apache.flink.metrics.prometheus.LoopbackPrometheusReporter\$Factory" \
    "metrics.reporter.prom.port: $metrics_port"

  override "$root/flink-conf/sluice.yaml" >"$conf/sluice.yaml" \
    "sluice.kafka.bootstrap-servers: 127.0.0.1:$broker_port"

  {
    cat "$root/deploy/local/broker/server.properties"
    printf '\n# This cluster:\n'
    printf '%s\n' \
      "listeners=PLAINTEXT://127.0.0.1:$broker_port,CONTROLLER://127.0.0.1:$controller_port" \
      "advertised.listeners=PLAINTEXT://127.0.0.1:$broker_port" \
      "controller.quorum.voters=1@127.0.0.1:$controller_port" \
      "log.dirs=$dir/kafka"
  } >"$conf/server.properties"

  # What the other commands need to know about the last start.
  printf '%s\n' "offset=$offset" "taskmanagers=$taskmanagers" "slots=$slots" \
    "jobmanager_memory=$jobmanager_memory" "taskmanager_memory=$taskmanager_memory" "broker_heap=$broker_heap" \
    >"$conf/cluster.env"
}

# override FILE 'KEY: VALUE'…: FILE with these lines in the place of its lines of the same keys, new keys at the end.
override() {
  local file=$1
  shift
  printf '%s\n' "$@" | awk '
    function key(line) { return substr(line, 1, index(line, ":") - 1) }
    FILENAME == "-" { value[key($0)] = $0; order[++n] = key($0); next }
    /^[a-z]/ && key($0) in value { print value[key($0)]; done[key($0)] = 1; next }
    { print }
    END { for (i = 1; i <= n; i++) if (!(order[i] in done)) print value[order[i]] }' - "$file"
}

# recorded_configuration: what the last start in $dir wrote down; fails when there was none.
recorded_configuration() {
  [[ -r $dir/conf/cluster.env ]] || return 1
  # shellcheck source=/dev/null
  source "$dir/conf/cluster.env"
  use_ports "$offset"
}

# setting KEY: its value in $dir/conf/config.yaml.
setting() { sed -n "s/^${1//./\\.}: *//p" "$dir/conf/config.yaml"; }

# memory_in_mib SIZE: 1728m → 1728, 2g → 2048.
memory_in_mib() {
  [[ $1 =~ ^([1-9][0-9]{0,5})([mMgG])$ ]] || refuse_usage "a memory size ($1) must look like 1728m or 2g"
  case ${BASH_REMATCH[2]} in
    [mM]) echo "${BASH_REMATCH[1]}" ;;
    *) echo $((BASH_REMATCH[1] * 1024)) ;;
  esac
}
