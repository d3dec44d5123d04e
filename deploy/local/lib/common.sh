# shellcheck shell=bash
# What every command here needs: messages, the cluster's directory, Java, the jars. Sourced, never run.
# shellcheck disable=SC2034 # what is set here is for the sourcing script
#
# Sets  root       the project's folder
#       dir        the cluster's folder, canonical (after parse_cluster_options)
#       offset     what is added to every default port (after parse_cluster_options)
#       arguments  what parse_cluster_options left over

root=$(cd -P "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../.." && pwd)
readonly root

note() { printf '%s\n' "$*" >&2; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

refuse_usage() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 2
}

# is_whole TEXT: a whole number of at most five digits, and nothing that bash would read as octal.
is_whole() { [[ $1 =~ ^(0|[1-9][0-9]{0,4})$ ]]; }

# parse_cluster_options ARGS…: takes the leading --dir and --port-offset, defaults from SLUICE_DIR and SLUICE_PORT_OFFSET.
parse_cluster_options() {
  dir=${SLUICE_DIR:-$root/target/local}
  offset=${SLUICE_PORT_OFFSET:-0}
  while (($# > 0)); do
    case $1 in
      --dir=* | --port-offset=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
      --dir)
        { (($# > 1)) && [[ -n $2 ]]; } || refuse_usage "--dir needs a directory"
        dir=$2
        shift 2
        ;;
      --port-offset)
        (($# > 1)) || refuse_usage "--port-offset needs a number"
        offset=$2
        shift 2
        ;;
      *) break ;;
    esac
  done
  arguments=("$@")
  { is_whole "$offset" && ((offset <= 50000)); } ||
    refuse_usage "the port offset ($offset) must be a whole number from 0 to 50000"
  # Flink splits its list of temporary directories at these, Java its class path, Kafka its list of log directories.
  case $dir in
    *[:,\|\"\\]* | *$'\n'*) refuse_usage "the directory ($dir) must not contain any of : , | \" \\ or a line break" ;;
  esac
  dir=$(readlink -m -- "$dir")
}

# require_java: sets java to a Java 17 or newer, and java_version to its version.
require_java() {
  java=${JAVA_HOME:+$JAVA_HOME/bin/}java
  local version
  version=$("$java" -version 2>&1) ||
    die "no Java at '$java': install a JDK 17 or newer, or point JAVA_HOME at one"
  java_version=$version
  { [[ $version =~ version\ \"([0-9]+) ]] && ((BASH_REMATCH[1] >= 17)); } ||
    die "'$java' is too old (${version%%$'\n'*}): install a JDK 17 or newer, or point JAVA_HOME at one"
}

# require_dist: sets flink_classpath and kafka_classpath to the last build's choice.
require_dist() {
  local FLINK_VERSION='' KAFKA_VERSION=''
  # shellcheck source=/dev/null
  [[ -r $root/target/dist/current ]] && source "$root/target/dist/current"
  local flink=$root/target/dist/flink-$FLINK_VERSION kafka=$root/target/dist/kafka-$KAFKA_VERSION
  [[ -e $flink/complete && -e $kafka/complete ]] ||
    die "Flink and Kafka are not in $root/target/dist yet: run 'mvn -DskipTests package' there once"
  flink_version=$FLINK_VERSION
  kafka_version=$KAFKA_VERSION
  flink_classpath="$flink/lib/*"
  kafka_classpath="$kafka/lib/*"
}
