# The loader with a flowtable: a router between the namespaces isp and one for each LAN.
# shellcheck shell=sh disable=SC2317
. /checks

OUTPUTS=/run/outputs
LOG=/tmp/log
export FROST_OUTPUTS=$OUTPUTS
mkdir -p $OUTPUTS

publish() { /frost/frost-check tests.device.outputs_programs publish_values $OUTPUTS "$@"; }
inside() { space=$1; shift; ip netns exec "$space" "$@"; }

# cable SPACE LINK PREFIX6 PREFIX4 HOST: the router's LINK, and `far` in SPACE; the router is 1
cable() {
  ip netns add "$1"
  inside "$1" sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'
  plug "$@"
}
plug() {
  ip -batch - <<END
link add $2 type veth peer name far netns $1
address add ${3}1/64 dev $2 nodad
address add ${4}1/24 dev $2
link set $2 up
END
  ip -n "$1" -batch - <<END
address add $3$5/64 dev far nodad
address add $4$5/24 dev far
link set far up
route add ::/0 via ${3}1
route add default via ${4}1
END
}

# udp NAME SPACE ADDRESS PORT: datagrams go to the ISP's echo and come back, until the end
udp() {
  inside isp /frost/frost-check tests.device.echoes echo "$3" "$4" &
  usleep 200000
  inside "$2" /frost/frost-check tests.device.echoes talk "$3" "$4" "/tmp/echo.$1" &
}
# tcp NAME SPACE ADDRESS PORT: the same with lines in a connection
tcp() {
  inside isp nc -l -p "$4" -e cat &
  usleep 200000
  inside "$2" sh -c "while echo tick; do usleep 100000; done | nc $3 $4 >/tmp/echo.$1" &
}
# size NAME: how much has come back
size() { case $1 in tcp*) wc -c <"/tmp/echo.$1" ;; *) cat "/tmp/echo.$1" ;; esac; }
grows() {
  before=$(size "$1")
  usleep 400000
  [ "$(size "$1")" -gt "$before" ]
}
stalls() { ! grows "$1"; }
entry() { grep "port=$1 " /proc/net/nf_conntrack; }
offloaded() { entry "$1" | grep -F '[OFFLOAD]' || { entry "$1"; false; }; }
by_rules() { entry "$1" | grep -vF '[OFFLOAD]'; }

# devices NAMES: both flowtables have these and no others
devices() {
  for family in ip ip6; do
    found=$(nft list flowtable $family frost_$family known_flows 2>&1 |
      sed -n 's/.*devices = { \(.*\) }.*/\1/p' | tr -d '",' | tr ' ' '\n' | sort | tr '\n' ' ')
    echo "$family: $found"
    [ "$found" = "$1 " ] || return 1
  done
}
# passed: what the rule that accepts known flows has counted
passed() {
  nft list chain ip6 frost_ip6 established | sed -n 's/.*packets \([0-9]*\) .* accept.*/\1/p'
}
# begun: how many flows were translated; a flow is once
begun() { nft list chain ip frost_ip srcnat | sed -n 's/.*packets \([0-9]*\) .*/\1/p'; }
anew() { [ "$(begun)" -ge $(($1 + 2)) ]; }
passes_by() {
  before=$(passed) size=$(size udp6)
  sleep 1
  echo "before $before, after $(passed), answers $(($(size udp6) - size))"
  [ "$(passed)" -le $((before + 1)) ] && [ "$(size udp6)" -gt $((size + 3)) ]
}
says() { grep -q "$1" $LOG || { cat $LOG; false; }; }
without() { ! nft list flowtables | grep known_flows; }
silent() { cat $LOG; ! grep -v "^denied" $LOG; }

cable isp wan 2001:db8:: 192.0.2. 2
cable lan lan0 2001:db8:1:1:: 192.168.1. 10
cable other lan1 2001:db8:1:2:: 192.168.2. 10
publish lan_prefix delegated/1/prefix=2001:db8:1:: delegated/1/length=48 \
  lan/lan0/1/prefix=2001:db8:1:1:: lan/lan0/1/length=64 \
  lan/lan1/1/prefix=2001:db8:1:2:: lan/lan1/1/length=64
publish dhcp4 address=192.0.2.1

/frost/firewall -d 3 /site 3>/tmp/ready 2>>$LOG &
loader=$!
check 'ready' test -s /tmp/ready
check 'no refusal is told' silent
check 'devices are the links that exist' devices 'lan0 wan'

udp udp6 lan 2001:db8::2 5001
tcp tcp6 lan 2001:db8::2 5002
udp udp4 lan 192.0.2.2 5003
tcp tcp4 lan 192.0.2.2 5004
for each in udp6:5001 tcp6:5002 udp4:5003 tcp4:5004; do
  check "${each%:*} is offloaded" offloaded "${each#*:}"
done
check 'known flows pass the rules by' passes_by

check 'explain reads the ruleset' /frost/frost-firewall explain 2001:db8:1:1::10 2001:db8::2 \
  udp 4000 5001 in lan0 out wan

publish lan ifname=lan1
check 'a link joins' devices 'lan0 lan1 wan'
udp other other 2001:db8::2 5005
check 'its flow is offloaded' offloaded 5005
publish lan
check 'a link leaves' devices 'lan0 wan'
check 'the others flow on' grows tcp6

publish lan ifname=lan1
check 'it joins again' devices 'lan0 lan1 wan'
ip link del lan1
check 'one that vanishes is out' devices 'lan0 wan'
check 'and does no harm' grows udp6
plug other lan1 2001:db8:1:2:: 192.168.2. 10
check 'it returns' devices 'lan0 lan1 wan'
ip link del lan1
publish lan
cable third lan2 2001:db8:1:3:: 192.168.3. 10
check 'a link of the ruleset that comes later is in' devices 'lan0 lan2 wan'
check 'still no refusal is told' silent

kill -HUP $loader
check 'a reload keeps udp6' grows udp6
check 'a reload keeps tcp6' grows tcp6
check 'and offloads udp6 anew' offloaded 5001
check 'and offloads tcp6 anew' offloaded 5002
check 'with the same devices' devices 'lan0 lan2 wan'

check 'a reload keeps tcp4' grows tcp4
check 'udp4 is offloaded before its address goes' offloaded 5003
first=$(begun)
publish dhcp4 state=lost
check 'a vanished address ends offloaded flows too' says 'forgot its connections, 2'
check 'they begin anew, by the rules' anew "$first"

nft flush ruleset
check 'after a flush it comes back' devices 'lan0 lan2 wan'
check 'and flows go on' grows tcp6
: >$LOG

check 'udp6 is offloaded before its prefix is stale' offloaded 5001
publish ra withdrawn/1/prefix=2001:db8:1:1:: withdrawn/1/length=64 withdrawn/1/until=infinity
check 'a stale prefix ends udp6' stalls udp6
check 'a stale prefix ends tcp6' stalls tcp6
check 'the rules have it' by_rules 5001

kill $loader
: >/tmp/ready
/frost/firewall -d 3 /without 3>/tmp/ready 2>>$LOG &
check 'another ruleset is loaded' test -s /tmp/ready
check 'without offload the flowtables go' without
echo 'ok all'
