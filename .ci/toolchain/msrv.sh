#!/usr/bin/env bash
# Minimum supported Rust, taken from Debian's packages.
#
#   source .ci/toolchain/msrv.sh && msrv_install && with_msrv cargo check
#   .ci/toolchain/msrv.sh cargo check      # installs first; no command: install only

msrv_rustc=1.85.0
msrv_version=1.85.0+dfsg3-1~deb12u3
msrv_packages=(rustc-web cargo-web libstd-rust-web-dev rust-web-src)

# The package lists of a fresh image are often stale or absent, but refreshing
# them is slow, so only a failed attempt pays for it. Whether the refresh worked
# is for the second attempt to tell: a list that isn't needed may be broken.
# One at a time: steps that run side by side may both need packages.
apt_install() (
    install=(env DEBIAN_FRONTEND=noninteractive apt-get install -qy
        --no-install-recommends --allow-downgrades --allow-change-held-packages
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@")
    exec 9> "${TMPDIR:-/tmp}/apportion-apt.lock"
    flock 9
    "${install[@]}" >&2 9>&- || { apt-get update -q >&2 9>&- || :; "${install[@]}" >&2 9>&-; }
)

# True when every named package is installed; NAME=VERSION asks for that version.
apt_installed() {
    local want state
    for want in "$@"; do
        state=$(dpkg-query -W -f='${db:Status-Status} ${Version}' "${want%%=*}" 2>/dev/null) || return 1
        case $want in
            *=*) [[ $state == "installed ${want#*=}" ]] || return 1 ;;
            *) [[ $state == "installed "* ]] || return 1 ;;
        esac
    done
}

# Runs a command with Debian's compiler in front of rustup's. Its target folder
# is its own, so that two compilers don't keep rebuilding over each other.
with_msrv() {
    env -u RUSTUP_TOOLCHAIN -u RUSTC_WRAPPER -u RUSTC_WORKSPACE_WRAPPER \
        PATH="/usr/bin:$PATH" CARGO=/usr/bin/cargo RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc \
        CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/msrv" "$@"
}

msrv_install() {
    local pinned=("${msrv_packages[@]/%/=$msrv_version}") tool
    if ! apt_installed "${pinned[@]}"; then
        apt_install "${pinned[@]}" || return
        # A routine upgrade would move them to a newer compiler.
        apt-mark hold "${msrv_packages[@]}" >/dev/null || return
    fi
    for tool in rustc cargo; do
        [[ $(with_msrv "$tool" --version) == "$tool $msrv_rustc "* ]] || {
            echo "error: $tool is not $msrv_rustc: $(with_msrv "$tool" --version)" >&2
            return 1
        }
    done
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    set -euo pipefail
    msrv_install
    if (($#)); then with_msrv "$@"; fi
fi
