# For the scripts in Tools: progress lines, and what a fresh machine lacks. To be sourced.

started=$SECONDS
step() { printf '\n==> %s (%d s)\n' "$1" "$((SECONDS - started))"; }

# What a machine needs besides Swift.
packages_apt="liblz4-dev libsodium-dev pkg-config"
packages_brew="lz4 libsodium pkg-config"

# Suites whose random streams are much longer in release than in debug.
long_streams="ReferenceTests|DynamicTests|RandomStream|FillTheorem|Conservation"

has_libraries() {
  if command -v pkg-config >/dev/null; then
    pkg-config --exists liblz4 libsodium
  else
    [ -e /usr/include/lz4frame.h ] && [ -e /usr/include/sodium.h ]
  fi
}

install_libraries() {
  has_libraries && return
  step "Install liblz4 and libsodium"
  if command -v apt-get >/dev/null; then
    local sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo"
    $sudo apt-get update -q
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages_apt
  elif command -v brew >/dev/null; then
    # shellcheck disable=SC2086
    brew install $packages_brew
  else
    echo "Please install liblz4 and libsodium with their headers (Debian: $packages_apt)." >&2
    exit 1
  fi
}

need_swift() {
  if ! command -v swift >/dev/null; then
    echo "Swift is missing. Install version 6.2 or later: https://www.swift.org/install" >&2
    exit 1
  fi
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
  case "$version" in
    6.[01] | [0-5].*)
      echo "Swift $version is too old: version 6.2 or later is needed. https://www.swift.org/install" >&2
      exit 1
      ;;
  esac
}

need_swift
install_libraries
