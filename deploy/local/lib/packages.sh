# shellcheck shell=bash
# Debian's packages that a command needs and that are missing. Sourced after common.sh, never run.
#
# Sets  packages   what is missing (after need)

packages=()

# need PROGRAM PACKAGE…: records the packages that provide a program, if it is not installed.
need() { command -v "$1" >/dev/null || packages+=("${@:2}"); }

# install_needed: installs them as root or by sudo, or ends with a message what to do.
install_needed() {
  ((${#packages[@]} > 0)) || return 0
  local -a apt=(env DEBIAN_FRONTEND=noninteractive apt-get)
  local what="these packages are needed and not installed: ${packages[*]}"
  command -v apt-get >/dev/null ||
    die "$what. This is no Debian (there is no apt-get): install what they bring, then run the same command again"
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      die "$what. There is no sudo: as root run 'apt-get install ${packages[*]}', then run the same command again"
    apt=(sudo "${apt[@]}")
  fi
  note "installing ${packages[*]}"
  { "${apt[@]}" update -qq && "${apt[@]}" install -y -qq --no-install-recommends "${packages[@]}"; } >/dev/null ||
    die "$what. apt-get has failed; what it said stands above"
}
