# shellcheck shell=bash
# What a local cluster changes in the production settings of flink-conf/ and broker/. Sourced, never run.
# shellcheck disable=SC2154 # dir, root, offset and the like are set by common.sh and by the command

# use_ports OFFSET: every port of a cluster that is not left to the operating system. Their last two digits
# differ (with up to 31 TaskManagers), so clusters whose offsets are whole hundreds never meet.
use_ports() {
  broker_port=$((9092 + $1))
  controller_port=$((9093 + $1))
  rest_port=$((8081 + $1))
  rpc_port=$((6123 + $1))
  blob_port=$((6124 + $1))
  # The JobManager's; TaskManager N serves its metrics at metrics_port + N.
  metrics_port=$((9249 + $1))
  # High availability: the second JobManager's, and ZooKeeper's.
  rest_port_2=$((8082 + $1))
  rpc_port_2=$((6125 + $1))
  blob_port_2=$((6126 + $1))
  metrics_port_2=$((9248 + $1))
  zookeeper_port=$((6127 + $1))
  rest_ports=("$rest_port")
  ((ha == 0)) || rest_ports+=("$rest_port_2")
}

# is_own_directory: whether a cluster was started in $dir. The first file is written before anything else, the other two by
# clusters of earlier versions, too.
is_own_directory() {
  [[ -f $dir/.sluice-cluster ]] || [[ -f $dir/conf/cluster.env && -f $dir/conf/server.properties ]]
}

# require_own_directory: a start deletes and overwrites files, and `demo --fresh` deletes all of them, so $dir must be a
# cluster's, or contain only the lock of a command that found no cluster there.
require_own_directory() {
  local found
  [[ -e $dir ]] && ! is_own_directory || return 0
  [[ -d $dir ]] || die "$dir is no directory: name another --dir"
  # An earlier guard or stop has created the journal, which a start leaves unchanged; and a new volume has lost+found.
  found=$(ls -A -I .lock -I stops -I lost+found -- "$dir") || die "what $dir holds can't be listed: name another --dir"
  found=${found%%$'\n'*}
  [[ -z $found ]] ||
    die "$dir is not empty and no cluster's directory (it holds '$found', and no .sluice-cluster): a start deletes tmp, ha and" \
      "conf/* there. Nothing was changed; name an empty or a new --dir"
}

# write_configuration: $dir/conf from flink-conf/ and broker/, with this cluster's addresses, ports, folders and memory.
write_configuration() {
  local conf=$dir/conf
  : >"$dir/.sluice-cluster"
  # What a killed TaskManager left in its scratch space is of no use to the next. Nor is the last cluster's leader, and
  # which jobs it ran: `stop` ends them, and one that came back by itself would run alongside its own resumption.
  rm -rf "${dir:?}/tmp" "${dir:?}/ha"
  mkdir -p "$conf" "$dir"/{logs,tmp,kafka,checkpoints,savepoints}
  cp "$root"/flink-conf/log4j*.properties "$conf/"
  cp "$root/deploy/local/broker/log4j.properties" "$conf/broker-log4j.properties"
  # Both may hold secrets: an object store's, a broker's.
  install -m 600 /dev/null "$conf/config.yaml"
  install -m 600 /dev/null "$conf/server.properties"

  local -a high_availability=()
  if ((ha)); then
    configure_zookeeper >"$conf/zookeeper.cfg"
    high_availability=(
      # Elects the leading JobManager, and keeps which jobs run and where their last checkpoints are.
      "high-availability.type: zookeeper"
      "high-availability.zookeeper.quorum: 127.0.0.1:$zookeeper_port"
      # ZooKeeper keeps only pointers; the jobs' graphs and jars, and the checkpoints' metadata are here.
      "high-availability.storageDir: \"file://$dir/ha/storage\""
      # Part of every path in ZooKeeper, below /flink; leading_role reads there.
      "high-availability.cluster-id: /sluice"
      # Takes the place of jobmanager.rpc.port; the second JobManager gets its own on its command line.
      "high-availability.jobmanager.port: $rpc_port"
      # A killed JobManager leads until its session is over: with the default of 60 s jobs would wait so long.
      # If much shorter, a busy machine's pauses would be taken for failures.
      "high-availability.zookeeper.client.session-timeout: 4 s"
      # Only the session's end ends a leadership; by default a connection that breaks for a moment does, and restarts
      # every job.
      "high-availability.zookeeper.client.tolerate-suspended-connections: true"
      # Everything starts at once: a process that starts before ZooKeeper retries soon, not after 5 s.
      "high-availability.zookeeper.client.retry-wait: 500 ms"
      "high-availability.zookeeper.client.max-retry-attempts: 10"
    )
  fi
  # RocksDB names its logs by the whole path of its files: below the TaskManager's own folder that gets too long for a
  # file name, and a restore fails for ever. What REST reports of checkpoints is as old as web.refresh-interval at most, 3 s by
  # default.
  override "$root/flink-conf/config.yaml" >"$conf/config.yaml" \
    ${high_availability[@]+"${high_availability[@]}"} \
    "rest.port: $rest_port" \
    "jobmanager.rpc.port: $rpc_port" \
    "blob.server.port: $blob_port" \
    "execution.checkpointing.dir: \"file://$dir/checkpoints\"" \
    "execution.checkpointing.savepoint-dir: \"file://$dir/savepoints\"" \
    "io.tmp.dirs: \"$dir/tmp\"" \
    "state.backend.rocksdb.localdir: \"$dir/tmp\"" \
    "jobmanager.memory.process.size: $jobmanager_memory" \
    "taskmanager.memory.process.size: $taskmanager_memory" \
    "taskmanager.numberOfTaskSlots: $slots" \
    "web.submit.enable: true" \
    "web.refresh-interval: 500 ms" \
    "metrics.reporter.prom.factory.class: org.apache.flink.metrics.prometheus.LoopbackPrometheusReporter\$Factory" \
    "metrics.reporter.prom.port: $metrics_port" \
    ${SLUICE_FLINK_PROPERTIES:+"$SLUICE_FLINK_PROPERTIES"}

  write_job_settings "$conf"

  {
    cat "$root/deploy/local/broker/server.properties"
    printf '\n# This cluster:\n'
    printf '%s\n' \
      "listeners=PLAINTEXT://127.0.0.1:$broker_port,CONTROLLER://127.0.0.1:$controller_port" \
      "advertised.listeners=PLAINTEXT://127.0.0.1:$broker_port" \
      "controller.quorum.voters=1@127.0.0.1:$controller_port" \
      "log.dirs=$dir/kafka"
    # The last line with a key counts.
    [[ -z ${SLUICE_BROKER_PROPERTIES:-} ]] || printf '%s\n' "$SLUICE_BROKER_PROPERTIES"
  } >"$conf/server.properties"

  # Values of the last start for the other commands.
  printf '%s\n' "offset=$offset" "taskmanagers=$taskmanagers" "slots=$slots" \
    "jobmanager_memory=$jobmanager_memory" "taskmanager_memory=$taskmanager_memory" "broker_heap=$broker_heap" \
    "ha=$ha" "application=$application" >"$conf/cluster.env"
}

# write_job_settings FOLDER: FOLDER/sluice.yaml from flink-conf/, with this cluster's broker. One that was changed since a start
# wrote it stays: it may hold the job's user at a secured broker. A file that a start has written is recognised by its copy.
write_job_settings() {
  local file=$1/sluice.yaml written=$1/.sluice.yaml.written fresh=$1/.sluice.yaml.fresh
  override "$root/flink-conf/sluice.yaml" >"$fresh" \
    "sluice.kafka.bootstrap-servers: 127.0.0.1:$broker_port"
  if [[ -e $file && -e $written ]] && ! cmp -s "$file" "$written"; then
    keep_own_broker "$file" "$written" "$fresh"
    note "cluster: $file was changed since a start wrote it, and stays as it is ($(grep -m 1 '^sluice.kafka.bootstrap-servers:' "$file" ||
      echo 'it names no brokers')); without the file, a start writes it again"
  else
    # An earlier version, without copies, may have written another one, or it was changed.
    if [[ -e $file && ! -e $written ]] && ! cmp -s "$file" "$fresh"; then
      mv "$file" "$file.before"
      note "cluster: $file is written again; what it held is in $file.before"
    fi
    cp "$fresh" "$file"
  fi
  mv "$fresh" "$written"
}

# keep_own_broker FILE WRITTEN FRESH: where FILE, which was changed, still names the broker that a start wrote, it follows
# this start's: at the old port another cluster's broker may be.
keep_own_broker() {
  local was now
  was=$(grep -m 1 '^sluice.kafka.bootstrap-servers:' "$2") && now=$(grep -m 1 '^sluice.kafka.bootstrap-servers:' "$3") || return 0
  [[ $was != "$now" ]] && grep -qxF -- "$was" "$1" || return 0
  awk -v was="$was" -v now="$now" '$0 == was { print now; next } { print }' "$1" >"$1.next"
  cat "$1.next" >"$1" # which keeps its mode
  rm "$1.next"
}

# configure_zookeeper: a ZooKeeper of one member. (No server.N line: that would open ports for other members.)
configure_zookeeper() {
  printf '%s\n' \
    "clientPort=$zookeeper_port" \
    'clientPortAddress=127.0.0.1' \
    "dataDir=$dir/ha/zookeeper" \
    '# Milliseconds. A session lasts between 2 and 20 ticks; Flink asks for 4 s.' \
    'tickTime=500' \
    '# Nothing here has to survive a power cut, and a slow disk must not end sessions.' \
    'forceSync=no' \
    '# Its web server is neither needed nor on the class path.' \
    'admin.enableServer=false'
}

# override FILE 'KEY: VALUE'…: FILE with these lines in the place of its lines of the same keys, new keys at the end. Of several
# lines of a key the last one counts, and each key comes out once: Flink reads no configuration that has one twice.
override() {
  local file=$1
  shift
  printf '%s\n' "$@" | awk '
    function key(line) { line = substr(line, 1, index(line, ":") - 1); gsub(/^[ \t]+|[ \t]+$/, "", line); return line }
    function once(name) { if (!(name in done)) print value[name]; done[name] = 1 }
    FILENAME == "-" && key($0) ~ /^[a-z]/ { value[key($0)] = $0; sub(/^[ \t]+/, "", value[key($0)]); order[++n] = key($0); next }
    FILENAME == "-" { next }
    /^[a-z]/ && key($0) in value { once(key($0)); next }
    { print }
    END { for (i = 1; i <= n; i++) once(order[i]) }' - "$file"
}

# recorded_configuration: the values of the last start in $dir; fails if there was none.
recorded_configuration() {
  [[ -r $dir/conf/cluster.env ]] || return 1
  # A folder that was last started by an older version has no values for these.
  ha=0 application=0
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
