#!/usr/bin/env bash
# Builds for microcontrollers with the minimum supported compiler. Debian ships no
# library for these targets, only its source, so it's compiled along.
#
#   source .ci/toolchain/bare-metal.sh && bare_metal_install
#   bare_metal thumbv7em-none-eabi build --no-default-features --features alloc
#   .ci/toolchain/bare-metal.sh thumbv6m-none-eabi build --no-default-features

source "$(dirname "${BASH_SOURCE[0]}")/msrv.sh"

bare_metal_install() {
    local sysroot
    msrv_install && sysroot=$(with_msrv rustc --print sysroot) || return
    [[ -f $sysroot/lib/rustlib/src/rust/library/Cargo.lock ]] || {
        echo "error: no library source below $sysroot" >&2
        return 1
    }
}

# bare_metal TARGET COMMAND [ARGUMENT...]: a cargo command for that target.
bare_metal() {
    local crates=core,alloc
    # No pointer atomics there: what needs `alloc` has no business on it, and must not find it.
    [[ $1 != thumbv6m-* ]] || crates=core
    # The bootstrap variable lets a stable compiler build its own library.
    RUSTC_BOOTSTRAP=1 with_msrv cargo "$2" "-Zbuild-std=$crates" --target "$1" "${@:3}"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    set -euo pipefail
    bare_metal_install
    if (($#)); then bare_metal "$@"; fi
fi
