#!/usr/bin/env bash
# AddressSanitizer and, at the end of the JVM, LeakSanitizer on the built-in library under an unmodified
# JVM: address.sh CLASS-PATH CALLS. JAVA_HOME names the JVM, otherwise the PATH.
#
# The runtime is gcc's or clang's and is loaded before the JVM. SIGSEGV stays with the JVM, which uses
# it (handle_segv=0). The leak tracer must not look into the thread-local blocks of the JVM's threads
# (use_tls=0); what the JVM's own libraries keep is suppressed.
source "$(dirname "$0")/common.sh"
[ $# -eq 2 ] || { echo "usage: address.sh CLASS-PATH CALLS" >&2; exit 2; }
class_path=$1 calls=$2
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

runtime=$(gcc -print-file-name=libasan.so 2>/dev/null)
case $runtime in
  /*) runtime=$(readlink -f "$runtime") ;;
  *)
    runtime=$(ls /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.asan-x86_64.so 2>/dev/null | tail -1)
    [ -n "$runtime" ] || missing "gcc with libasan (apt-get install gcc libasan8), or libclang-rt-dev"
    ;;
esac

flags="-Zsanitizer=address -Zexternal-clangrt -Cforce-frame-pointers=yes -Cunsafe-allow-abi-mismatch=sanitizer"
(cd "$root/native-executor" && build address "$flags" build -p loopbridge-builtin) || exit 2
(cd "$sanitizers/planted" && build address "$flags" build --lib) || exit 2
built=$builds/address/$target/release

# Only the built-in library and the planted mistakes are looked at. Without a directory for temporary files the
# library is mapped from its own file, where the reports find its symbols.
jvm() {
  LD_PRELOAD=$runtime \
    ASAN_OPTIONS="handle_segv=0:detect_leaks=1:exitcode=77:allocator_may_return_null=1" \
    LSAN_OPTIONS="use_tls=0:suppressions=$sanitizers/leaks.txt:print_suppressions=0" \
    timeout -k 5 300 "$java" -XX:+UseSerialGC -Xmx256m --enable-native-access=ALL-UNNAMED \
    -Djava.io.tmpdir=/dev/null \
    -cp "$class_path" dev.loopbridge.stress.rust.SanitizedLoad "$@"
}

# control NAME TEXT: the planted mistake NAME must end the JVM with a report that has TEXT.
control() {
  PLANTED=$1 jvm "$built/libplanted.so" 0 >"$builds/planted-$1.txt" 2>&1
  local code=$?
  if [ $code -eq 77 ] && grep -q "$2" "$builds/planted-$1.txt"; then
    echo "control planted $1 in a JVM: noticed"
  else
    echo "control planted $1 in a JVM: missed"
    tail -20 "$builds/planted-$1.txt"
    exit 5
  fi
}

control use-after-free "heap-use-after-free"
control leak "100000 byte(s) leaked in 100 allocation(s)"
jvm "$built/libloopbridge_builtin.so" "$calls"
case $? in
  0) finish "address and leaks" ;;
  77) exit 1 ;;
  *) echo "the load failed" >&2; exit 2 ;;
esac
