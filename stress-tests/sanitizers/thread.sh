#!/usr/bin/env bash
# ThreadSanitizer on the protocol crate, without a JVM: thread.sh ROUNDS.
#
# The standard library is not instrumented. So the tests wait by channels, parking and atomics, whose
# order the sanitizer sees; a fence it does not see, and the drop of an Arc has one.
source "$(dirname "$0")/common.sh"
[ $# -eq 1 ] || { echo "usage: thread.sh ROUNDS" >&2; exit 2; }
command -v setarch >/dev/null || missing "setarch (apt-get install util-linux)"

flags="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer"
(cd "$root/native-executor" && build thread "$flags" test -p loopbridge-protocol --test stress --no-run) || exit 2
(cd "$sanitizers/planted" && build thread "$flags" build --bin race) || exit 2

export TSAN_OPTIONS="halt_on_error=0:exitcode=66:history_size=4:suppressions=$sanitizers/races.txt"
# Without address randomization: the sanitizer's shadow has its places.
setarch -R "$builds/thread/$target/release/race" >"$builds/planted-race.txt" 2>&1
if [ $? -eq 66 ] && grep -q "data race" "$builds/planted-race.txt"; then
  echo "control planted data race: noticed"
else
  echo "control planted data race: missed"
  tail -20 "$builds/planted-race.txt"
  exit 5
fi
# The table of tickets is behind a lock of the standard library.
stress=$(ls -t "$builds/thread/$target/release/deps"/stress-* | grep -v '\.d$' | head -1)
STRESS_ROUNDS=$1 timeout -k 5 600 setarch -R "$stress" --test-threads=1 --skip tickets
case $? in
  0) finish "threads" ;;
  *) exit 1 ;;
esac
