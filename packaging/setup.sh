#!/bin/sh
# Install the Debian packages of packaging/debian-packages that are missing. Needs root only then.
# Daemons among them are for the lab, which starts its own copies: the system's are not started.
set -eu
list=$(sed -e 's/#.*//' "$(dirname "$0")/debian-packages")
missing=
for package in $list; do
  state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [ "$state" = 'install ok installed' ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
  echo "setup: expected to be root, to install:$missing" >&2
  echo "  run 'apt-get install$missing' yourself, or make this as root" >&2
  exit 1
fi
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 755 $policy
  trap 'rm -f $policy' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
# shellcheck disable=SC2086 # a list of words is meant
apt-get -q install -y --no-install-recommends $missing
if [ -d /run/systemd/system ]; then
  case $missing in *kea*) systemctl disable kea-dhcp6-server || true ;; esac
  case $missing in *radvd*) systemctl disable radvd || true ;; esac
fi
