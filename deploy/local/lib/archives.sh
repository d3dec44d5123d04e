# shellcheck shell=bash
# Loading and verifying classes is half the work of starting. The JVM can keep what it did (class data sharing): a process
# that ends normally leaves an archive, and later ones of its kind start with it. A JVM that an archive does not fit ignores
# it; nothing depends on one. Archives lie next to the jars that they are made from, and go with them. Sourced, never run.
# shellcheck disable=SC2034,SC2154 # java and java_version are set by require_java; archive_options is for the caller

# shared_archive KIND FOLDER CLASSPATH FILE OPTIONS…: sets archive_options, the JVM's options for using or making the archive
# of this kind of process in FOLDER/shared-classes. FILE is newer than the archive once the jars were replaced; an archive
# fits JVMs with the same OPTIONS.
shared_archive() {
  local kind=$1 folder=$2 classpath=$3 jars=$4 archive made
  shift 4
  archive=$folder/shared-classes/$kind-$(cksum <<<"$java_version $*" | cut -d ' ' -f 1).jsa
  # The JVM's own messages go to stderr, without those about archives: stdout is the program's.
  local -a words=(-Xlog:disable -Xlog:all=warning:stderr '-Xlog:cds*=off:stderr' -Xlog:class+path=off:stderr)
  archive_options=("-XX:SharedArchiveFile=$archive" "${words[@]}")
  [[ ! $jars -nt $archive ]] || rm -f "$archive"
  for made in "$archive".*; do
    [[ -s $made ]] || continue
    if [[ ! -e $archive && ! $jars -nt $made ]] && whole_archive "$made" "$classpath" "$@"; then
      mv "$made" "$archive" 2>/dev/null || true
    fi
    rm -f "$made"
  done
  if [[ ! -e $archive ]] && mkdir -p "${archive%/*}" 2>/dev/null; then
    archive_options=("-XX:ArchiveClassesAtExit=$archive.$$$RANDOM" "${words[@]}")
  fi
}

# whole_archive ARCHIVE CLASSPATH OPTIONS…: whether its checksums hold. Its writer may have been killed meanwhile, or may still
# be writing; a JVM may crash with a truncated archive.
whole_archive() {
  { "$java" "-XX:SharedArchiveFile=$1" -XX:+VerifySharedSpaces -Xshare:on -XX:ErrorFile=/dev/null -XX:-CreateCoredumpOnCrash \
    "${@:3}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$2" -version; } >/dev/null 2>&1
}
