# What the sanitizers' scripts share. Exit codes: 0 nothing found, 1 the sanitizer reported something,
# 2 the script or a build failed, 3 a tool is missing, 5 a planted mistake was not reported.

set -u
sanitizers=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$sanitizers/../.." && pwd)
builds=$root/stress-tests/target/sanitizers
target=$(rustc -vV 2>/dev/null | sed -n 's/^host: //p')

missing() {
  echo "missing: $1" >&2
  exit 3
}

command -v cargo >/dev/null || missing "cargo on the PATH: https://rustup.rs"
[ "$(uname -sm)" = "Linux x86_64" ] || missing "Linux on x86_64"

# build NAME RUSTFLAGS cargo-arguments...: builds with a sanitizer, which stable compilers hide.
build() {
  local name=$1 flags=$2
  shift 2
  RUSTC_BOOTSTRAP=1 RUSTFLAGS="$flags" CARGO_TARGET_DIR="$builds/$name" \
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    cargo "$@" --release --locked --target "$target" || exit 2
}

finish() {
  echo "$1: nothing found"
  exit 0
}
