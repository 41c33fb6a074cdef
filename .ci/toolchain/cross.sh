#!/usr/bin/env bash
# The minimum supported compiler with std for s390x (big-endian, run by qemu)
# and i686 (32-bit, run natively). Cargo skips doctests for both: they run on the host.
#
#   source .ci/toolchain/cross.sh && cross_install
#   with_cross cargo test --release --target s390x-unknown-linux-gnu
#   .ci/toolchain/cross.sh cargo test --release --target i686-unknown-linux-gnu

source "$(dirname "${BASH_SOURCE[0]}")/msrv.sh"

# Debian's architecture:Rust's target.
cross_targets=(s390x:s390x-unknown-linux-gnu i386:i686-unknown-linux-gnu)
# Not gcc-multilib: it conflicts with every cross compiler.
cross_packages=(gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user-static
    lib32gcc-12-dev libc6-dev-i386)

# Fetches std for other architectures through package lists of its own, so that
# the machine doesn't have to become multi-architecture for good.
cross_std() (
    work=$(mktemp -d) && chmod 755 "$work" && mkdir -p "$work"/{lists,archives}/partial || exit
    trap 'rm -rf "$work"' EXIT
    apt=(apt-get -q -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work"
        -o APT::Sandbox::User=root)
    for pair; do apt+=(-o "APT::Architectures::=${pair%%:*}"); done
    # A broken list of a suite that isn't needed must not stop it: the download decides.
    "${apt[@]}" update >&2 || :
    cd "$work" || exit
    for pair; do
        arch=${pair%%:*} std=/usr/lib/rustlib/${pair#*:}
        # Moved into place last, so that an interrupted run leaves no half of it.
        "${apt[@]}" download "libstd-rust-web-dev:$arch=$msrv_version" >&2 &&
            dpkg -x libstd-rust-web-dev_*_"$arch.deb" "$arch" &&
            echo "$msrv_version" >"$arch$std/version" &&
            rm -rf "$std" "$std.new" &&
            cp -r "$arch$std" "$std.new" &&
            mv "$std.new" "$std" || exit
    done
)

cross_install() {
    local pair missing=()
    msrv_install || return
    apt_installed "${cross_packages[@]}" || apt_install "${cross_packages[@]}" || return
    for pair in "${cross_targets[@]}"; do
        [[ $(cat "/usr/lib/rustlib/${pair#*:}/version" 2>/dev/null) == "$msrv_version" ]] || missing+=("$pair")
    done
    ((${#missing[@]} == 0)) || cross_std "${missing[@]}"
}

with_cross() {
    CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_LINKER=s390x-linux-gnu-gcc \
    CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_RUNNER="qemu-s390x-static -L /usr/s390x-linux-gnu" \
        with_msrv "$@"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    set -euo pipefail
    cross_install
    if (($#)); then with_cross "$@"; fi
fi
