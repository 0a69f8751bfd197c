# What tools/quickstart and tools/test share: finding or installing all that the build needs, and building. Sourced by bash.
# Debian or Ubuntu with Python 3; elsewhere the packages are only checked for. After set_up: LIBTORCH_ROOT is exported.

patronus_source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
patronus_cache=${XDG_CACHE_HOME:-$HOME/.cache}/patronus
# One Python environment for all clones of this user: LibTorch 2.11 is Python's torch.
torch_environment=$patronus_cache/torch-2.11.0
torch_requirements="torch==2.11.0 numpy tensorboard"
torch_download="about 2.8 GB to download, 5 GB on the disk"
torch_disk_gb=8 # while it is being installed
log=$patronus_source/build/log.txt

step() { printf '\n== %s\n' "$*"; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs a noisy command with its output in the log; shows the end of it when the command fails.
logged() {
  mkdir -p "$(dirname "$log")"
  printf '\n$ %s\n' "$*" >>"$log"
  local from
  from=$(wc -l <"$log")
  "$@" >>"$log" 2>&1 </dev/null && return
  tail -n +"$((from + 1))" "$log" | tail -n 40 >&2
  fail "this failed: $* (all of its output: $log)"
}

# The same for a long command whose own progress is worth seeing on a terminal.
shown() {
  if [ -t 1 ]; then
    "$@" || fail "this failed: $*"
  else
    logged "$@"
  fi
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# The Debian packages that are not there. Programs count when they are on the PATH, however they came there; libraries
# are not needed where tools/bundle-deps has put them.
missing_packages() {
  command -v g++ >/dev/null || echo g++
  command -v cmake >/dev/null || echo cmake
  command -v ninja >/dev/null || echo ninja-build
  command -v python3 >/dev/null || echo python3
  [ ! -d "${PATRONUS_DEPS:-$patronus_source/.deps}" ] && command -v dpkg-query >/dev/null || return 0
  command -v ccache >/dev/null || echo ccache
  local package
  for package in libcli11-dev libyaml-cpp-dev libspdlog-dev libfmt-dev nlohmann-json3-dev libstb-dev libcairo2-dev \
    libjpeg-dev libwebp-dev libtiff-dev zlib1g-dev libxxhash-dev libssl-dev libminizip-dev libgtest-dev fonts-dejavu-core; do
    installed "$package" || echo "$package"
  done
}

# Installs packages as root or with sudo, or says what to run.
install_packages() {
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  command -v apt-get >/dev/null || fail "missing: $*; install what your system calls these (Debian's names), then run this again"
  [ ${#as_root[@]} = 0 ] || command -v sudo >/dev/null ||
    fail "missing: $*; ask for: apt-get install $*; then run this again"
  # The password is asked for here, where it can be seen, not inside a logged command.
  [ ${#as_root[@]} = 0 ] || sudo -n true 2>/dev/null || sudo -v || fail "missing: $*; run: sudo apt-get install $*"
  echo "installing: $*"
  logged "${as_root[@]}" apt-get update
  logged "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

ensure_packages() {
  local missing
  missing=$(missing_packages | xargs)
  # shellcheck disable=SC2086  # a list of names
  [ -z "$missing" ] || install_packages $missing
  echo "system packages: all there"
}

torch_environment_works() {
  "$torch_environment/bin/python" -c 'import numpy, tensorboard, torch; assert torch.__version__.startswith("2.11.0")' \
    >/dev/null 2>&1
}

check_disk() {
  local free_gb
  free_gb=$(df --output=avail -BG "$patronus_cache" | tail -n 1 | tr -dc 0-9)
  [ "$free_gb" -ge "$torch_disk_gb" ] ||
    fail "$patronus_cache: $free_gb GB free, $torch_disk_gb GB needed to install LibTorch; make room, or set XDG_CACHE_HOME to" \
      "another disk, or LIBTORCH_ROOT to a LibTorch 2.11 that is there"
}

# Installs LibTorch with the user's own pip configuration. `complete` marks a finished installation: one that was
# interrupted, or is damaged, is made again.
install_torch() {
  rm -f "$torch_environment/complete"
  if ! torch_environment_works; then
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
      fail "$(python3 --version): LibTorch 2.11 needs Python 3.10 or newer; or set LIBTORCH_ROOT to a LibTorch 2.11 that is there"
    python3 -c 'import ensurepip, venv' 2>/dev/null || install_packages python3-venv
    check_disk
    echo "LibTorch 2.11: not on this machine; installing it into $torch_environment ($torch_download)."
    echo "A LibTorch 2.11 that is elsewhere, CPU-only too, is used instead when LIBTORCH_ROOT points at it (Ctrl-C to stop)."
    logged python3 -m venv --clear "$torch_environment"
    # shellcheck disable=SC2086  # a list of requirements
    shown "$torch_environment/bin/python" -m pip install $torch_requirements
    torch_environment_works || fail "$torch_environment: LibTorch was installed but does not start; remove the folder and run this again"
  fi
  touch "$torch_environment/complete"
}

# Uses a LibTorch 2.11 that is there (tools/cmake/LocateLibTorch.cmake says in what order), or installs one.
ensure_torch() {
  local located
  located=$(cmake -P "$patronus_source/tools/cmake/LocateLibTorch.cmake") || exit 1
  if [ -z "$located" ]; then
    mkdir -p "$patronus_cache"
    exec 9>"$patronus_cache/lock" # two clones may set up at the same time
    flock -n 9 || { echo "another set-up is installing LibTorch: waiting for it" && flock 9; }
    [ -e "$torch_environment/complete" ] || install_torch
    exec 9>&-
    located=$(cmake -P "$patronus_source/tools/cmake/LocateLibTorch.cmake") || exit 1
  fi
  export LIBTORCH_ROOT=$located
  echo "LibTorch: $LIBTORCH_ROOT"
}

set_up() {
  cd "$patronus_source" || exit 1
  step "Set-up"
  ensure_packages
  ensure_torch
}

# A compiler needs up to 2.5 GB for one batch of a unity build.
build_jobs() {
  local by_memory
  by_memory=$(awk '/MemAvailable/ { print int($2 / 2.5e6) }' /proc/meminfo)
  echo $((by_memory < 1 ? 1 : by_memory < $(nproc) ? by_memory : $(nproc)))
}

# build <preset> [options of cmake --build]
build() {
  step "Build ($1; the first time takes some minutes)"
  logged cmake --preset "$1"
  shown cmake --build --preset "$1" -j "$(build_jobs)" "${@:2}"
  echo "built in $patronus_source/build/$1"
}
