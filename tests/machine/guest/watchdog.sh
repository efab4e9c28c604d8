#!/bin/sh
# What the machine of test_watchdog.py does: a step for each boot, counted on its disk. Everything
# waits for a condition but the steps that show that nothing happens.
say() { echo "watchdog: $*" >/dev/console; }
# until COMMAND...: COMMAND succeeds at last
until_() { until "$@" >/dev/null 2>&1; do usleep 200000; done; }
is() { [ "$(frost outputs watchdog state | sed 's/.*: //')" = "$1" ]; }

boots=$(cat /var/log/boots 2>/dev/null)
boots=$((boots + 1))
echo $boots >/var/log/boots
sync
say "boot $boots"
case $boots in
  1)
    until_ is grace
    say "fed in its grace: $(frost outputs watchdog missing | sed 's/.*: //')"
    sleep 12 # longer than the timeout
    say "left alone in its grace"
    frost start patient
    until_ is healthy
    sleep 12
    say "left alone while healthy"
    frost stop watchdog
    sleep 12
    say "left alone without its feeder, $(cat /sys/class/watchdog/watchdog0/state)"
    frost release watchdog
    until_ is healthy
    frost stop patient # well once, it has to stay so: the grace is over
    until_ is unhealthy
    say "not fed: $(frost outputs watchdog missing | sed 's/.*: //')"
    sync
    ;;
  2)
    frost start patient
    until_ is healthy
    frost start slow # ends after longer than the timeout
    frost wait slow
    say "a slow end"
    reboot
    ;;
  3)
    frost start patient
    until_ is healthy
    frost start deaf # never ends
    frost wait deaf
    say "an end that hangs"
    reboot
    ;;
esac
trap 'exit 0' TERM
while :; do sleep 1000 & wait $!; done
