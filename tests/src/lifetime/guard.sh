#!/bin/bash
# Undoes what a testbed value did, from its last step to its first.
#
#   guard.sh DIR        waits until its standard input ends, which it does when the owner ends in any way
#                       (dropped, panicked, interrupted, killed), then undoes; the word "keep" lets everything run on
#   guard.sh DIR now    undoes at once
#
# DIR/undo holds one shell command a line. Whatever process still carries DIR in its environment is ended last.
set -u
dir=$1

if [ "${2-}" != now ]; then
  trap '' HUP INT TERM
  while read -r word; do [ "$word" = keep ] && exit 0; done
fi
cd / || exit 1

# The start time tells a process from a later one that got the same id. A zombie counts as gone.
alive() { [ "$(awk '{ sub(/.*\) /, ""); if ($1 != "Z") print $20 }' "/proc/$1/stat" 2>/dev/null)" = "$2" ]; }

# end PID START_TIME GRACE_SECONDS
end() {
  alive "$1" "$2" || return 0
  kill -TERM "$1" 2>/dev/null
  for _ in $(seq $(($3 * 20))); do alive "$1" "$2" || return 0; sleep 0.05; done
  kill -KILL "$1" 2>/dev/null
}

# remove_cgroups NAME: in every hierarchy; their last processes may still be on their way out
remove_cgroups() {
  for _ in $(seq 200); do
    find /sys/fs/cgroup -depth -type d -path "*/$1*" -delete 2>/dev/null
    [ -n "$(find /sys/fs/cgroup -type d -name "$1" 2>/dev/null)" ] || return 0
    sleep 0.05
  done
}
export -f alive end remove_cgroups

if [ -f "$dir/undo" ]; then
  tac "$dir/undo" | while IFS= read -r line; do bash -c "$line"; done
fi

# Grandchildren that went their own way (daemons, container shims).
marker=TESTBED_LIFETIME=$dir
for _ in $(seq 100); do
  left=$(grep -lzxF "$marker" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3)
  [ -n "$left" ] || break
  # shellcheck disable=SC2086  # one word a process
  kill -KILL $left 2>/dev/null
  sleep 0.05
done

rm -rf --one-file-system -- "$dir"
