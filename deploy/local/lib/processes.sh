# shellcheck shell=bash
# The cluster's processes. Sourced, never run.
# shellcheck disable=SC2154 # dir, root, offset and the like are set by common.sh and by the command
#
# There are no pid files. A process belongs to the cluster in $dir if and only if its command line has the argument
# -Dsluice.dir=$dir; -Dsluice.role=ROLE says which it is: broker, jobmanager, taskmanager-1, taskmanager-2, …, with high
# availability zookeeper and jobmanager-2, or one of the short-lived helpers. So a reused pid is never mistaken for one of the cluster's, and none is missed.

# processes: one line "PID ROLE" for each process of this cluster.
processes() {
  local file argument
  local -a words
  # One argument, --regexp=…, so that grep does not find itself; -z because /proc separates arguments by NUL.
  { grep -slxzF "--regexp=-Dsluice.dir=$dir" /proc/[0-9]*/cmdline || true; } |
    while read -r file; do
      mapfile -d '' -t words 2>/dev/null <"$file" || continue
      for argument in ${words[@]+"${words[@]}"}; do
        if [[ $argument == -Dsluice.role=* ]]; then
          file=${file#/proc/}
          printf '%s %s\n' "${file%/cmdline}" "${argument#*=}"
          break
        fi
      done
    done | sort -k2,2V
}

# pid_of ROLE: its pid, or nothing.
pid_of() { processes | awk -v role="$1" '$2 == role { print $1; exit }'; }

# roles PREFIX: the running roles that begin so, one a line.
roles() { processes | awk -v prefix="$1" 'index($2, prefix) == 1 { print $2 }'; }

# run_java ROLE ARGS…: a helper JVM, in the foreground, with the cluster's marker.
run_java() {
  local role=$1
  shift
  "$java" "-Dsluice.dir=$dir" "-Dsluice.role=$role" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto "$@" \
    </dev/null 9>&-
}

# spawn ROLE ARGS…: a JVM that outlives this shell, its terminal and its signals; output in logs/ROLE.out.
spawn() {
  local role=$1
  local -a more
  shift
  read -ra more <<<"${SLUICE_JVM_OPTIONS:-}"
  (
    cd "$dir" || exit 1
    exec setsid "$java" "-Dsluice.dir=$dir" "-Dsluice.role=$role" "-Dlog.file=$dir/logs/$role.log" \
      ${more[@]+"${more[@]}"} "$@" \
      </dev/null >>"$dir/logs/$role.out" 2>&1 9>&-
  ) &
  local pid=$! program
  disown
  # Until it is a JVM, it would seem dead: setsid has the marker, too, and then the command line is empty for a moment.
  while kill -0 "$pid" 2>/dev/null; do
    read -r -d '' program 2>/dev/null <"/proc/$pid/cmdline" || program=
    [[ $program != "$java" ]] || break
    sleep 0.01
  done
}

# end SIGNAL SECONDS ROLE…: signals those that run, waits for them, and kills what still runs after SECONDS.
end() {
  local signal=$1 seconds=$2 role pid pids=()
  shift 2
  for role in "$@"; do
    pid=$(pid_of "$role")
    [[ -z $pid ]] || pids+=("$pid")
  done
  ((${#pids[@]} > 0)) || return 0
  kill -s "$signal" "${pids[@]}" 2>/dev/null || true
  if ! await_gone "$seconds" "${pids[@]}"; then
    kill -s KILL "${pids[@]}" 2>/dev/null || true
    await_gone 10 "${pids[@]}" || die "process ${pids[*]} ignores SIGKILL"
  fi
}

# await_gone SECONDS PID…: whether none of them is left in time. An exited process that was not waited for counts as gone.
await_gone() {
  local deadline=$((SECONDS + $1)) pid left
  shift
  while true; do
    left=0
    for pid in "$@"; do
      ! grep -qsz . "/proc/$pid/cmdline" || left=1
    done
    ((left == 0)) && return 0
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}

# tail_of ROLE: the end of its last output, for a message.
tail_of() {
  local file
  for file in "$dir/logs/$1.out" "$dir/logs/$1.log"; do
    if [[ -s $file ]]; then
      note "--- the end of $file:"
      tail -n 15 "$file" >&2
    fi
  done
}

# listener PORT: whether something accepts connections there on loopback.
listener() { (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# owner_of PORT: "pid 17 (java -jar …)" of the process that listens there, or nothing if that is not known.
owner_of() {
  local hex inode link pid command
  printf -v hex '%04X' "$1"
  inode=$(awk -v port=":$hex\$" '$2 ~ port && $4 == "0A" { print $10; exit }' /proc/net/tcp /proc/net/tcp6 2>/dev/null)
  [[ -n $inode ]] || return 0
  link=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" -print -quit 2>/dev/null) || true
  [[ -n $link ]] || return 0
  pid=${link#/proc/}
  pid=${pid%%/*}
  command=$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | cut -c -120) || true
  # A killed process has no command line any more, and soon no socket.
  [[ -n $command ]] || return 0
  printf 'pid %s (%s)' "$pid" "$command"
}

# rest PATH: the answer of the first JobManager that gives one; fails when none does.
rest() {
  local port
  for port in "${rest_ports[@]}"; do
    ! rest_at "$port" "$1" || return 0
  done
  return 1
}

# rest_at PORT PATH: the answer of the REST interface there; fails when there is none within 5 s.
rest_at() {
  if [[ $(setting security.ssl.rest.enabled) == true ]]; then
    rest_over_tls "$@"
    return
  fi
  # shellcheck disable=SC2016
  timeout 5 bash -c '
    exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
    printf "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n" "$2" >&3
    read -r _ status _ <&3 && [[ $status == 200 ]] && cat <&3' _ "$1" "$2" 2>/dev/null
}

# rest_over_tls PORT PATH: the same over TLS, from loopback; verifies no certificate.
rest_over_tls() {
  local answer
  local -a own=()
  [[ -z ${SLUICE_REST_PEM:-} ]] || own=(-cert "$SLUICE_REST_PEM" -key "$SLUICE_REST_PEM")
  answer=$(printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$2" |
    timeout 5 openssl s_client -quiet -connect "127.0.0.1:$1" ${own[@]+"${own[@]}"} 2>/dev/null) || true
  [[ $answer == 'HTTP/1.1 200 '* ]] && printf '%s\n' "$answer"
}

# zookeeper_node PATH: the bytes that ZooKeeper's node holds, within its answer; fails when there is no answer within 5 s.
# A Java client would take a second to start. These are three requests of ZooKeeper's protocol, each with its length before
# it: connect (no session yet, for 5000 ms), getData (4) of PATH with no watch, closeSession (-11).
zookeeper_node() {
  # shellcheck disable=SC2016
  timeout 5 bash -c '
    exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
    printf "\0\0\0\55%12s\0\0\23\210%8s\0\0\0\20%17s" "" "" "" | tr " " "\0" >&3
    printf "\0\0\0\x$3\0\0\0\1\0\0\0\4\0\0\0\x$4%s\0" "$2" >&3
    printf "\0\0\0\10\0\0\0\2\377\377\377\365" >&3
    cat <&3' _ "$zookeeper_port" "$1" "$(printf %x $((${#1} + 13)))" "$(printf %x ${#1})" 2>/dev/null
}
