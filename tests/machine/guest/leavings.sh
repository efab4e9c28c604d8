#!/bin/sh
# What services leave behind: leavings.sh FOLDER LOOKS HELD LEVEL... Each LEVEL is units that don't
# need each other. HELD, and all of them, are held down; then one level after the other is let go, looked
# at (FOLDER/N.up), and at last held down again from the last one on (FOLDER/N.down): N levels are
# up then. LOOKS: "each" for all of these looks, "ends" for those with no level and with all of them.
# leavings.py beside it puts the questions in, and compares.
export PATH=/usr/bin:/usr/sbin:/usr/libexec/frost
folder=$1 looks=$2 held=$3
shift 3
all=$#
rm -rf "$folder"
mkdir -p "$folder"

look() {
@QUESTIONS@
}

# settled NAME: the first look that sees what the one before saw
settled() {
  case $looks:$1 in each:* | ends:0.* | "ends:$all.up") ;; *) return ;; esac
  tries=0
  look >"$folder/last" 2>/dev/null
  while look >"$folder/$1" 2>/dev/null; ! cmp -s "$folder/last" "$folder/$1" && [ $tries -lt 20 ]; do
    mv "$folder/$1" "$folder/last"
    tries=$((tries + 1))
  done
  rm -f "$folder/last"
}

# all_are STATE UNIT...: a minute for it; who is not yet is named
all_are() {
  state=$1
  shift
  for unit; do
    tries=0
    until frost status -j "$unit" | grep -q "\"state\": *\"$state\""; do
      tries=$((tries + 1))
      [ $tries -lt 120 ] || { echo "$unit is not $state" >>"$folder/late"; break; }
      usleep 500000
    done
  done
}

# shellcheck disable=SC2086 # lists of words are meant
{
  for unit in $held $*; do frost stop "$unit"; done
  all_are down $held $*
  settled 0.up
  number=0
  for level; do
    number=$((number + 1))
    for unit in $level; do frost release "$unit"; done
    all_are up $level
    settled $number.up
  done
  while [ $number -gt 0 ]; do
    eval "level=\${$number}"
    number=$((number - 1))
    for unit in $level; do frost stop "$unit"; done
    all_are down $level
    settled $number.down
  done
  for unit in $held $*; do frost release "$unit"; done
}
echo 'leavings: done' >"$folder/done"
echo 'leavings: done' >/dev/console
