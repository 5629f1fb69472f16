# Outlives the process that started it by a moment: ends the processes that work in the folder $1, and removes the folder.
set -u
trap '' HUP INT TERM
case ${1:?} in /*/*) ;; *) exit 1 ;; esac # An absolute path; and never all there is.

read -r _ # Returns when our standard input closes: the owner is gone.

# Sends the signals "$@" to each process that works in $folder; says nothing and fails if there is none.
folder=$1
to_all() {
  found=$(find /proc/[0-9]* -maxdepth 1 -name cwd -printf '%h %l\n' 2>/dev/null | while read -r process place; do
    case $place in "$folder" | "$folder"/*) echo "${process#/proc/}" ;; esac
  done)
  [ -n "$found" ] || return 1
  for signal in "$@"; do
    kill -s "$signal" $found 2>/dev/null # Unquoted: one word for each process.
  done
  return 0
}

# Asked first, PostgreSQL gives its shared memory back. One that is stopped hears nothing until it goes on.
to_all QUIT CONT && sleep 0.5
# Looked for more than once: a process that was being born had no folder yet.
for look in 1 2 3; do
  while to_all KILL; do sleep 0.05; done
  sleep 0.1
done

# The seventh line of a postmaster that was killed names its shared memory.
segment=$(sed -n '7s/^ *[0-9]* *\([0-9]*\)$/\1/p' "$folder/data/postmaster.pid" 2>/dev/null)
[ -z "$segment" ] || ipcrm -m "$segment" 2>/dev/null
rm -rf "$folder"
