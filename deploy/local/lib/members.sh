# shellcheck shell=bash
# The members of a cluster: how each is launched, when it is ready, the message when it is not. Sourced, never run.
# shellcheck disable=SC2154 # dir, root, offset and the like are set by common.sh and by the command

# Roles whose death ends any wait, in addition to those that are waited for.
watched=()

expected_roles() {
  local n
  printf '%s\n' broker jobmanager
  ((ha == 0)) || printf '%s\n' zookeeper jobmanager-2
  for ((n = 1; n <= taskmanagers; n++)); do
    echo "taskmanager-$n"
  done
}

require_free_ports() {
  local port
  local -a ports=("$broker_port" "$controller_port" "$rest_port" "$rpc_port" "$blob_port")
  ((ha == 0)) || ports+=("$zookeeper_port" "$rest_port_2" "$rpc_port_2" "$blob_port_2" "$metrics_port_2")
  for ((port = metrics_port; port <= metrics_port + taskmanagers; port++)); do
    ports+=("$port")
  done
  for port in "${ports[@]}"; do
    ((port <= 65535)) || refuse_usage "with --port-offset $offset there would be a port $port; the highest is 65535"
    require_free_port "$port"
  done
}

# A killed process releases its memory, and so its name, a moment before its sockets: so it waits for ports without owner.
require_free_port() {
  local owner='' deadline=$((SECONDS + 15))
  while listener "$1"; do
    owner=$(owner_of "$1")
    [[ -z $owner ]] && ((SECONDS < deadline)) || break
    sleep 0.1
  done
  listener "$1" || return 0
  die "port $1 is taken${owner:+ by $owner}: choose other ports with --port-offset (now $offset; 100 more is enough)"
}

require_memory() {
  local available needed
  # A JVM needs about 300 MiB besides its heap; Flink's sizes are of the whole process.
  needed=$(($(memory_in_mib "$broker_heap") + 300 + $(memory_in_mib "$jobmanager_memory") +
    taskmanagers * $(memory_in_mib "$taskmanager_memory")))
  ((ha == 0)) || needed=$((needed + $(memory_in_mib "$jobmanager_memory") + $(memory_in_mib "$zookeeper_heap") + 300))
  available=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
  ((available >= needed)) ||
    die "$needed MiB of memory are needed, $available MiB are available: take fewer --taskmanagers (now $taskmanagers)" \
      "or set SLUICE_TASKMANAGER_MEMORY lower (now $taskmanager_memory)"
}

# launch_all: everything at once; a process that is ready first waits for the others.
launch_all() {
  local role
  prepare_jvm_parameters &
  format_storage || die "the broker's storage in $dir/kafka can't be formatted"
  wait -n || true
  for role in $(expected_roles); do
    # The job's program checks the brokers, and topics that may have to be created first.
    ((application)) && [[ $role == jobmanager* ]] || launch "$role"
  done
}

# format_storage: once per folder.
format_storage() {
  [[ ! -e $dir/kafka/meta.properties ]] || return 0
  local cluster_id
  # 16 bytes in URL-safe base64, of which the first is fixed: an id must not begin with a dash.
  cluster_id=$({ printf S && head -c 15 /dev/urandom; } | base64 | tr '+/' '-_' | tr -d =)
  local -a features
  read -ra features <<<"${SLUICE_BROKER_FEATURES:-}"
  run_java format -cp "$kafka_classpath" kafka.tools.StorageTool format \
    --cluster-id "$cluster_id" --config "$dir/conf/server.properties" \
    ${features[@]+"${features[@]/#/--feature=}"} >"$dir/logs/format.out" 2>&1 || {
    tail_of format
    return 1
  }
}

# prepare_jvm_parameters: asks Flink how to divide each process's memory, once for each set of memory settings.
prepare_jvm_parameters() {
  jvm_parameters jobmanager JM >/dev/null
  jvm_parameters taskmanager TM >/dev/null
}

# jvm_parameters PROCESS CODE: the arguments for the process's JVM, then those for Flink, one line each.
jvm_parameters() {
  local cache key partial
  key=$(grep -E '^(job|task)manager\.(memory|numberOfTaskSlots)' "$dir/conf/config.yaml" |
    cksum | tr ' ' -)
  cache=${flink_classpath%/lib/\*}/jvm-parameters/$1-$key
  if [[ ! -s $cache ]]; then
    partial=$cache.$BASHPID
    mkdir -p "${cache%/*}"
    run_java "$1-parameters" -cp "$flink_classpath" org.apache.flink.runtime.util.bash.BashJavaUtils \
      "GET_$2_RESOURCE_PARAMS" --configDir "$dir/conf" 2>"$dir/logs/$1-parameters.out" |
      sed -n 's/^BASH_JAVA_UTILS_EXEC_RESULT://p' >"$partial"
    [[ -s $partial ]] || {
      rm -f "$partial"
      tail_of "$1-parameters"
      die "Flink can't divide the $1's memory: see above"
    }
    mv "$partial" "$cache"
  fi
  cat "$cache"
}

# launch ROLE
launch() {
  case $1 in
    broker) launch_broker ;;
    zookeeper) launch_zookeeper ;;
    jobmanager) launch_jobmanager jobmanager ;;
    jobmanager-2) launch_jobmanager jobmanager-2 \
      -D "rest.port=$rest_port_2" \
      -D "high-availability.jobmanager.port=$rpc_port_2" \
      -D "blob.server.port=$blob_port_2" \
      -D "metrics.reporter.prom.port=$metrics_port_2" ;;
    # A new name for each start: the JobManager takes a while to forget the last one.
    taskmanager-*) launch_flink "$1" TM org.apache.flink.runtime.taskexecutor.TaskManagerRunner \
      -D "taskmanager.resource-id=$1-$(date +%s%N)" \
      -D "metrics.reporter.prom.port=$((metrics_port + ${1#taskmanager-}))" ;;
  esac
}

# member_archive ROLE CLASSPATH: sets archive_options. Of several equal ones the first makes the archive.
member_archive() {
  local folder=${2%/lib/\*}
  local -a more
  read -ra more <<<"${SLUICE_JVM_OPTIONS:-}"
  shared_archive "${1%-*}" "$folder" "$2" "$folder/complete" ${more[@]+"${more[@]}"}
  [[ $1 != *-* || $1 == *-1 || ${archive_options[0]} == -XX:Shared* ]] || archive_options=()
}

launch_broker() {
  # It answers on the port a moment before it accepts writes; its log says when.
  broker_log_before=$(stat -c %s "$dir/logs/broker.log" 2>/dev/null || echo 0)
  member_archive broker "$kafka_classpath"
  spawn broker ${archive_options[@]+"${archive_options[@]}"} "-Xms$broker_heap" "-Xmx$broker_heap" -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError \
    "-Dlog4j.configurationFile=$dir/conf/broker-log4j.properties" \
    -cp "$kafka_classpath" kafka.Kafka "$dir/conf/server.properties"
}

launch_zookeeper() {
  member_archive zookeeper "$flink_classpath"
  spawn zookeeper ${archive_options[@]+"${archive_options[@]}"} "-Xmx$zookeeper_heap" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -XX:+ExitOnOutOfMemoryError "-Dlog4j.configurationFile=$dir/conf/log4j.properties" -cp "$flink_classpath" \
    org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer --zkConfigFile "$dir/conf/zookeeper.cfg" --peerId 1
}

# launch_jobmanager ROLE ARGS…
launch_jobmanager() {
  if ((application)); then
    local -a entry
    mapfile -d '' -t entry <"$dir/application/arguments"
    launch_flink "$1" JM \
      org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint "${@:2}" "${entry[@]}"
  else
    launch_flink "$1" JM org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint "${@:2}"
  fi
}

# write_application: what the JobManagers of an application are started with: Flink's settings, the job's jar, copied so that
# a build does not change it under them, where the job starts from, and what is for the job itself.
write_application() {
  local jar=$dir/application/sluice-job.jar
  mkdir -p "${jar%/*}"
  cp "$root/target/sluice-job.jar" "$jar" || die "there is no job: run 'mvn -DskipTests package' there once"
  local -a entry=(
    ${flink_settings[@]+"${flink_settings[@]}"}
    # Flink takes a jar of this name from here, whatever its age; by default from a folder that all clusters share.
    -D "user.artifacts.base-dir=${jar%/*}"
    --jars "$jar"
    --job-classname dev.sluice.job.SluiceJob
  )
  # By this name a JobManager that takes over knows the job.
  ((ha == 0)) || entry+=(--job-id "$(printf 'ff%030x' "$(date +%s%N)")")
  # Trap: by default the result of a job that has ended is deleted, and the standby JobManager starts it again.
  # The second one is Flink 2.3's; an earlier one does not know it.
  ((ha == 0)) || entry+=(-D job-result-store.delete-on-commit=false -D application-result-store.delete-on-commit=false)
  [[ -z $savepoint ]] || entry+=(--fromSavepoint "$savepoint")
  # After -- nothing is for Flink.
  printf '%s\0' "${entry[@]}" -- ${job_arguments[@]+"${job_arguments[@]}"} >"$dir/application/arguments"
}

# launch_flink ROLE CODE MAIN-CLASS ARGS…
launch_flink() {
  local role=$1 code=$2 main=$3
  shift 3
  local parameters
  local -a lines jvm options
  parameters=$(jvm_parameters "${role%-*}" "$code")
  mapfile -t lines <<<"$parameters"
  read -ra jvm <<<"${lines[0]} $(setting env.java.opts.all) $(setting "env.java.opts.${role%-*}")"
  read -ra options <<<"${lines[1]}"
  # A local JobManager does little after its start.
  [[ $role != jobmanager* ]] || jvm+=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1)
  member_archive "$role" "$flink_classpath"
  # As Flink's own scripts set it. Where a JobManager runs the job's program (an application, a job that was submitted over REST),
  # the program finds sluice.yaml by this variable.
  FLINK_CONF_DIR=$dir/conf spawn "$role" ${archive_options[@]+"${archive_options[@]}"} "${jvm[@]}" "-Dlog4j.configurationFile=$dir/conf/log4j.properties" -cp "$flink_classpath" \
    "$main" --configDir "$dir/conf" "${options[@]}" "$@"
}

await_all() {
  local role
  local -a members
  mapfile -t members < <(expected_roles)
  # A process that dies during the wait for the broker and the JobManager fails the start at once.
  watched=("${members[@]}")
  if ((application)); then
    mapfile -t watched < <(expected_roles | grep -v '^jobmanager')
    await broker
    make_topics
    for role in $(expected_roles); do
      [[ $role != jobmanager* ]] || launch "$role"
    done
    watched=("${members[@]}")
  else
    await broker jobmanager
    make_topics
  fi
  await "${members[@]}"
  ((application == 0)) || await_job
}

# await_job: until the application's job is known. Its program may refuse to start, and ends the JobManager then.
await_job() {
  local deadline=$((SECONDS + ${SLUICE_START_TIMEOUT:-120}))
  until [[ $(rest /jobs/overview) == *'"jid"'* ]]; do
    require_alive "${watched[@]}"
    if ((SECONDS >= deadline)); then
      tail_of jobmanager
      die "the application has no job after ${SLUICE_START_TIMEOUT:-120} s (SLUICE_START_TIMEOUT): see $dir/logs/jobmanager*.log"
    fi
    sleep 0.2
  done
}

# await ROLE…: until each is ready; ends the command, with the log's tail, when one dies or time runs out.
await() {
  local role deadline=$((SECONDS + ${SLUICE_START_TIMEOUT:-120}))
  for role in "$@"; do
    until is_ready "$role"; do
      require_alive "$@" ${watched[@]+"${watched[@]}"}
      if ((SECONDS >= deadline)); then
        tail_of "$role"
        die "$role was not ready in ${SLUICE_START_TIMEOUT:-120} s (SLUICE_START_TIMEOUT) at $(address_of "$role")"
      fi
      sleep 0.2
    done
  done
}

require_alive() {
  local alive role
  alive=$(roles '')
  for role in "$@"; do
    if [[ $'\n'$alive$'\n' != *$'\n'$role$'\n'* ]]; then
      tail_of "$role"
      die "$role died: the end of its log is above, the whole of it in $dir/logs/$role.log"
    fi
  done
}

is_ready() {
  case $1 in
    broker) listener "$broker_port" && broker_says_started ;;
    zookeeper) listener "$zookeeper_port" ;;
    # The leader answers; the other one forwards to it.
    jobmanager) rest_at "$rest_port" /overview >/dev/null ;;
    jobmanager-2) rest_at "$rest_port_2" /overview >/dev/null ;;
    taskmanager-*) is_registered "$1" ;;
    *) true ;;
  esac
}

# broker_says_started: for a broker that this command launched; an earlier one has already started.
broker_says_started() {
  [[ -z ${broker_log_before:-} ]] ||
    tail -c "+$((broker_log_before + 1))" "$dir/logs/broker.log" 2>/dev/null | grep -q "Kafka Server started"
}

# leading_role: the JobManager that leads, or nothing while none does. With high availability ZooKeeper knows: the leader's
# address is in a node that goes with its session. For a moment the node outlives a killed leader, hence the check who lives.
leading_role() {
  local role address=''
  ((ha == 0)) || address=$(zookeeper_node /flink/sluice/leader/rest_server/connection_info | grep -aoE 'http://[0-9.]+:[0-9]+') || return 0
  for role in $(roles jobmanager); do
    if ((ha == 0)) || [[ $address == "$(address_of "$role")" ]]; then
      echo "$role"
    fi
  done
}

# await_leader: prints the role that leads, as soon as one does.
await_leader() {
  local role deadline=$((SECONDS + 30))
  [[ -n $(roles jobmanager) ]] || die "no JobManager runs in $dir: 'cluster restart-jm' starts what is missing"
  while true; do
    role=$(leading_role)
    [[ -z $role ]] || break
    ((SECONDS < deadline)) || die "no JobManager in $dir has come to lead in 30 s: see $dir/logs/jobmanager*.log"
    sleep 0.2
  done
  echo "$role"
}

# is_registered ROLE: whether the JobManager knows this very process.
is_registered() {
  local pid id
  pid=$(pid_of "$1")
  [[ -n $pid ]] || return 1
  id=$(tr '\0' '\n' <"/proc/$pid/cmdline" | sed -n 's/^taskmanager\.resource-id=//p') 2>/dev/null || return 1
  [[ -n $id && $(rest /taskmanagers) == *"\"$id\""* ]]
}

address_of() {
  case $1 in
    broker) echo "127.0.0.1:$broker_port" ;;
    zookeeper) echo "127.0.0.1:$zookeeper_port" ;;
    jobmanager) echo "http://127.0.0.1:$rest_port" ;;
    jobmanager-2) echo "http://127.0.0.1:$rest_port_2" ;;
    taskmanager-*) echo "http://127.0.0.1:$((metrics_port + ${1#taskmanager-}))/metrics" ;;
  esac
}

# topics: the names of the topics that the broker keeps, its own left out, one a line.
topics() {
  find "$dir/kafka" -maxdepth 1 -type d -name '*-[0-9]*' ! -name '__*' ! -name '*-delete' ! -name '*-stray' -printf '%f\n' |
    sed 's/-[0-9]*$//' | sort -u
}

# make_topics: those that are absent. Folders show at once what a JVM would need a second to find out.
make_topics() {
  local wanted='sluice.control sluice.control-log sluice.dead-letters sluice.deferred sluice.evaluations sluice.events sluice.predictions'
  [[ "$(topics | grep -xF "${wanted// /$'\n'}" | tr '\n' ' ')" != "$wanted " ]] || return 0
  run_java topics "-Dlog4j.configurationFile=$dir/conf/broker-log4j.properties" "-Dlog.file=$dir/logs/topics.log" \
    -cp "$kafka_classpath" SluiceTopics "127.0.0.1:$broker_port" >"$dir/logs/topics.out" 2>&1 || {
    tail_of topics
    die "the topics could not be made at 127.0.0.1:$broker_port: see above"
  }
}

# running_jobs: "ID STATE" of each job that has not ended.
running_jobs() {
  rest /jobs/overview | grep -oE '"(jid|state)":"[^"]*"' | cut -d '"' -f 4 | paste -d ' ' - - |
    grep -vE ' (FINISHED|CANCELED|FAILED)$' || true
}

# taskmanager_or_first NUMBER: the role with this number, or of the first that runs.
taskmanager_or_first() {
  local first
  first=$(roles taskmanager- | head -n 1)
  if [[ -z $1 ]]; then
    echo "${first:-taskmanager-1}"
  else
    { is_whole "$1" && (($1 >= 1)); } || refuse_usage "a TaskManager's number ($1) must be a whole number from 1"
    echo "taskmanager-$1"
  fi
}

# kill_jobmanager: the one that leads.
kill_jobmanager() {
  recorded_configuration || die "nothing runs in $dir: 'cluster start' first"
  local role=jobmanager
  ((ha == 0)) || role=$(await_leader)
  kill_member "$role"
}

# show_leader: "ROLE PID ADDRESS" of the JobManager that leads.
show_leader() {
  require_cluster
  local role
  role=$(await_leader)
  printf '%s %s %s\n' "$role" "$(pid_of "$role")" "$(address_of "$role")"
}

kill_member() {
  local pid
  pid=$(pid_of "$1")
  [[ -n $pid ]] || die "$1 does not run in $dir"
  end KILL 10 "$1"
  note "Killed $1 (pid $pid)"
}

# start_taskmanager [NUMBER]: one more, by default the lowest number that is free.
start_taskmanager() {
  local number=$1
  require_cluster
  if [[ -z $number ]]; then
    number=1
    while [[ -n $(pid_of "taskmanager-$number") ]]; do number=$((number + 1)); done
  fi
  local role
  role=$(taskmanager_or_first "$number")
  [[ -z $(pid_of "$role") ]] || die "$role runs already (pid $(pid_of "$role"))"
  require_free_port "$((metrics_port + number))"
  if ((number > taskmanagers)); then
    sed -i "s/^taskmanagers=.*/taskmanagers=$number/" "$dir/conf/cluster.env"
  fi
  launch "$role"
  await "$role"
  note "Started $role (pid $(pid_of "$role"))"
}

# restart_jobmanager: the only one, running or not; with high availability each missing one.
restart_jobmanager() {
  require_cluster
  if ((ha == 0)); then
    restart jobmanager
    return
  fi
  local role missing=0
  for role in jobmanager jobmanager-2; do
    [[ -z $(pid_of "$role") ]] || continue
    missing=1
    restart "$role"
  done
  ((missing)) || die "both JobManagers run in $dir: 'cluster kill-jm' ends the one that leads"
}

# restart ROLE: ends it if it runs, and starts it in the same place.
restart() {
  require_cluster
  end TERM 30 "$1"
  launch "$1"
  await "$1"
  case $1 in
    broker) make_topics ;;
    jobmanager*)
      mapfile -t watched < <(roles taskmanager-)
      await "$1" ${watched[@]+"${watched[@]}"}
      ;;
  esac
  note "Restarted $1 (pid $(pid_of "$1"))"
}

require_cluster() {
  { recorded_configuration && [[ -n $(processes) ]]; } || die "nothing runs in $dir: 'cluster start' first"
  require_java
  require_dist
}
