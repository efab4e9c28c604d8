#!/bin/sh
# What the machine of test_boot.py does when all of its services are up: a step of the scenario that
# the kernel's command line names, counted by its boots.
say() { echo "boot: $*" >/dev/console; }
boots=$(cat /var/log/boots 2>/dev/null)
boots=$((boots + 1))
echo $boots >/var/log/boots
sync
scenario=$(sed -n 's/.*scenario=\([a-z]*\).*/\1/p' /proc/cmdline)
say "up: $scenario $boots, root is $(sed -n 's/[^ ]* \/ \([^ ]*\) .*/\1/p' /proc/mounts | sed -n '$p')"
sed 's/^/boot: step /' /run/frost/boot >/dev/console
case $scenario-$boots in
  ordered-1) say "keys, please" ;;
  ordered-2 | cuts-*)
    say "writing"
    while :; do echo "$boots" >>/var/log/much; sync; done
    ;;
  ordered-3)
    # One service that ignores SIGTERM; and of no service, a process that does too, and goes on
    # asking for other ends while the first is brought about.
    frost start stubborn
    frost wait stubborn
    setsid sh -c 'trap "" TERM; reboot; sleep 1; halt; sleep 1000; sleep 1000' \
      </dev/null >/dev/null 2>&1 &
    ;;
  kept-1)
    say "marker: $(cat /etc/marker 2>&1)"
    echo kept >/etc/marker
    if busybox dd if=/dev/vdb bs=1144 skip=1 count=1 2>/dev/null | grep -q ^data; then # its label
      say "crash, please"
      # The first poll(2) of s6-svscan from now on fails: it can't go on (s6-svscan.c, panic()).
      strace -qq -o /dev/null -p 1 -e inject=poll,ppoll:error=EIO &
      sleep 1
      kill -WINCH 1
    else
      say "a disk, please"
    fi
    ;;
  panic-1)
    # It can't even crash in order: s6-svscan ends, and the kernel without its process 1.
    rm /run/service/.s6-svscan/crash
    strace -qq -o /dev/null -p 1 -e inject=poll,ppoll:error=EIO &
    sleep 1
    kill -WINCH 1
    ;;
  stay-1) kill -PWR 1 ;;
esac
# A service: the end is the agent's business.
trap 'exit 0' TERM
while :; do sleep 1000 & wait $!; done
